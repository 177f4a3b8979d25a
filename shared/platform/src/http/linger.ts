import { setTimeout as sleep } from 'node:timers/promises'

/**
 * The last step of a process that other processes know by its address. Closed but alive it refuses a connection
 * at once, and the next replica is asked; to an address that is gone it would hang until it times out. In this
 * time a proxy that asks finds out, and leaves the address alone until its name server has forgotten it.
 */
export const linger = (): Promise<void> => sleep(2_000)
