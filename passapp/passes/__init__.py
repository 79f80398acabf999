"""Passes: their format and signature, keys, status list, QR codes and cards (door.md, The pass)."""
