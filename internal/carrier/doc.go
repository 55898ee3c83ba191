// Package carrier unwraps what card data travels in: archives, compression and
// text encodings. In goes one input as an io.ReaderAt; out come the matches
// that package scan finds in it and in everything it holds, each with the path
// through the containers, and a report that accounts for every part: it was
// examined, or it is named with the cause why not.
//
// One registry lists the decoders and one budget bounds the work, however the
// containers are nested. The package reads nothing but the input it is given,
// writes no file, keeps no clear digits and logs nothing. Matches carry clear
// digits to the caller for the length of one call.
package carrier
