// Package lists owns the reading of lists of people as others bring them: cells of a
// spreadsheet, the text of a CSV file, workbooks, the exports and templates of
// directories, address lists of mail programs. It says what was understood, column by
// column, and what was left out, and why. It owns the writing of files for spreadsheets,
// too, so that what Foyer wrote is read as it was.
//
// It must not guess: with a heading a column is what its name says, without one only
// the addresses are found, by what they are; the encoding of a text is told for certain,
// or asked about. It must not lose a row without naming it, nor keep what looks like a
// password, nor take what others say of a file for what is in it. It knows neither HTTP
// nor Foyer, and it judges no value: whether an address can be one, package portal says.
//
// Workbooks are read by a reader of its own, on the standard library: of those that there
// are one ends the process where a file has a negative number, and the other one brings a
// calculator.
//
// Packages of the handlers import it.
package lists
