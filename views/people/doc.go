// Package people owns the markup of the tables of people: everybody of all companies, and
// the people of one.
//
// It decides nothing: package people of the handlers fills its types, and imports it.
package people
