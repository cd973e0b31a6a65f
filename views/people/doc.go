// Package people owns the markup of the tables of people: everybody, and the people of
// one company. It decides nothing; package people of the handlers fills its types.
package people
