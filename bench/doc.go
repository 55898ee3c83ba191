// Command bench measures Stanch beside plain peers in the same run. In goes
// the source tree it stands in; out comes a report of ratios and counts, each
// with what it was measured against and the command that repeats it. It never
// judges by the clock alone: a bound is a ratio's, a size's or a count's, and
// only where Stanch promises one. It runs on Linux.
package main
