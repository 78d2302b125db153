// What all processes of the practice city know of it beforehand.

/** The city's pack. */
export const packOf = 'beijing'

/** The member that tells persons that a case names them. */
export const identityMember = 'police'
