package main

type auditCommand struct{}
