// Package office makes plain text of office documents. In goes the markup of
// one part of a document (WordprocessingML, DrawingML, SpreadsheetML,
// OpenDocument) or RTF, read once from front to back; out comes text in which
// the runs of a paragraph are joined, a row of a table is a line, and its cells
// stand between tabs.
//
// It reads leniently, because a document that no office program opens leaks as
// well as any other, and in fixed room: a tag, a remark or a string that is too
// long is passed on as it is instead of being held. Whatever the text does not
// show by itself, as attributes with many digits, follows on lines of its own,
// so that the markup need not be read a second time. The package opens no file
// and follows no link.
package office
