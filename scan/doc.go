// Package scan finds card data in a stream of bytes. In go bytes in blocks of
// any size, out come matches: what each one is, where it stands, how sure we
// are, and for the length of one call the digits in clear. It keeps a window
// of the stream and no more. It does no I/O, knows no clock, decodes nothing
// (that is the carrier's work), and never prints what it found.
//
// The work is cut in three, each part replaceable through [Options]: a
// [Matcher] finds runs of digits that could be a number, a [Scorer] judges one
// of them by what stands around it, and the [Scanner] moves the window, counts
// lines and joins what belongs to one record.
package scan
