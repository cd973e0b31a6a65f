// Package people owns the tables of people: everybody of all companies, and the people
// of one company as they are now; their filters, their columns, the selection, and the
// same people as a file.
//
// What it shows is what the directory has, with its age. It decides nothing about
// people and reads nobody from Symphony: package directory does. Package handlers
// imports it for its route table.
package people
