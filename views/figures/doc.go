// Package figures owns the pictures of numbers: horizontal bars, and how many there were
// of each kind day by day; each with a table that says the same.
//
// It draws what it is handed, as SVG with places in parts of a hundred, so that a picture
// is as wide as there is room and its words keep their size. It knows no company, no
// clock and no time but days; pages of several resources import it.
package figures
