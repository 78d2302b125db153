// Real-estate unit codes 不动产单元代码 (GB/T 37346-2019), 28 characters: county 6, cadastral area 3,
// sub-area 3, parcel type 2, parcel serial 5, fixture mark 1 (F building, L forest, W none,
// Q other), fixture unit 8. The code has no check character.

const SHAPE = /^[0-9]{12}[A-Z]{2}[0-9]{5}[FLWQ][0-9]{8}$/
const SIZE = 28
// The code in groups with a space between each.
const PRINTED_SIZE_MAX = 40

/** Whether the text has the shape of a unit code. */
export function isRealEstateUnit(text: string): boolean {
  return text.length === SIZE && SHAPE.test(text)
}

/** The code without the spaces with which it is printed, or null when it is none. */
export function toRealEstateUnit(printed: string): string | null {
  if (printed.length > PRINTED_SIZE_MAX) return null
  const text = printed.replaceAll(' ', '')
  return isRealEstateUnit(text) ? text : null
}
