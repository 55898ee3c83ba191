// Package pdf reads the text of PDF files. In go random access to the file and
// a hook that charges for what is unpacked; out come parts, one after the
// other: the text of each page in the order of its places, the strings that
// stand elsewhere (fields, notes, titles, links), attachments, and every
// stream that none of these has shown.
//
// It reads leniently: a damaged table of objects is made anew from the objects
// themselves. It holds one page, one object stream and the fonts of the file
// in memory, each within a limit; what is beyond one is named by the error of
// its part. It draws nothing, runs no script and follows no link.
package pdf
