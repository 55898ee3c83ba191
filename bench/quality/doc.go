// Package quality judges what a scan says about a corpus whose truth is known.
// In goes a built stanch and a folder that package corpus wrote; out comes a
// table of what was found, missed, and taken for a card. It runs the program
// as anybody would and reads its jsonl and its standard error: it knows
// nothing of how the program looks for cards.
package quality
