// How the process of a member is run: by a Node from which some of what an intruder would use is
// taken away. Its file system is not limited by Node: the permission model of this release turns
// off `fsync` altogether, without which no vault keeps its word, and leaves `node:sqlite` open to
// every file of the user. What keeps members' folders apart is the owner of the files, so whoever
// wants a wall between members runs each as a user of its own.

/** Flags of Node for a member's process. */
export const memberFlags: readonly string[] = [
  // Nothing is evaluated that was data, no addon is loaded, and no prototype is set through a key.
  '--disallow-code-generation-from-strings',
  '--no-addons',
  '--disable-proto=delete',
  // Many small processes stand side by side: a small nursery, one helper thread of the compiler.
  '--max-semi-space-size=2',
  '--v8-pool-size=1',
]
