/**
 * Rooms that sockets are in. No name may have exactly 20 characters: the sharded Redis adapter takes such a
 * room for that of a single socket, whose id has this length. With a UUID in it none has.
 */
export const userRoom = (userId: string): string => `user:${userId}`
export const sessionRoom = (sessionId: string): string => `session:${sessionId}`
/** Of those who watch a user's presence. */
export const presenceRoom = (userId: string): string => `presence:${userId}`
