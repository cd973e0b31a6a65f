// Package lists owns the reading of lists of people as others bring them: cells of a
// spreadsheet, the text of a CSV file, the exports and templates of directories, address
// lists of mail programs. It says what was understood, column by column, and what was
// left out, and why.
//
// It must not guess: with a heading a column is what its name says, without one only
// the addresses are found, by what they are. It must not lose a row without naming it,
// nor keep what looks like a password. It knows neither HTTP nor Foyer, and it judges
// no value: whether an address can be one, package portal says.
//
// Packages users, companies, precheck and session of the handlers import it.
package lists
