/** The pages of rooms and bookings. */
export const pages = {
  find: () => import('./rooms/Find.svelte'),
  room: () => import('./rooms/RoomPage.svelte'),
  placeRooms: () => import('./place-rooms/PlaceRooms.svelte'),
  editRoom: () => import('./place-rooms/EditRoom.svelte'),
  week: () => import('./place-bookings/Week.svelte'),
  closures: () => import('./place-bookings/Closures.svelte'),
  answer: () => import('./answer/AnswerByLink.svelte'),
  mine: () => import('./bookings/Mine.svelte'),
  booking: () => import('./bookings/BookingPage.svelte'),
};

export type BookingPage = keyof typeof pages;
