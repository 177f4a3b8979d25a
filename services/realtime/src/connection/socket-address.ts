/** Where sockets are. Clients write the slash by themselves; nothing is below it. */
export const socketAddress = '/socket.io/'
