"""The first start: from an empty deployment to the first scan, led by the web app's assistant (moments.md)."""
