package lists

import "strings"

// words are the names under which lists have the fields of a person, as normal writes
// them: in English, German, French, Spanish and Italian, and those of the exports and
// templates of Entra, Microsoft 365, Google, Okta and Symphony.
//
// Of two columns for one field the one whose name comes in an earlier line counts. Also
// are the fields that are asked for besides those of every list.
func words(also []Field) map[string]meaning {
	known := map[string]meaning{}
	add := func(fields []Field) {
		for _, field := range fields {
			for rank, line := range spellings(field) {
				for word := range strings.FieldsSeq(line) {
					known[word] = meaning{field: field, rank: rank}
				}
			}
		}
	}
	add(Fields())
	for word := range strings.FieldsSeq(`userprincipalname upn username login loginname signinname userid usernameupn
		benutzername anmeldename benutzerprinzipalname nomdutilisateur identifiant nomprincipaldelutilisateur
		nombredeusuario usuario nombreprincipaldeusuario nomeutente nomeprincipaleutente`) {
		known[word] = meaning{field: Email, rank: len(spellings(Email)), weak: true}
	}
	whole := meaning{field: DisplayName, rank: len(spellings(DisplayName))}
	for word, m := range map[string]meaning{
		"name":   {part: LastName, beside: "vorname vornamen rufname"},
		"nom":    {part: LastName, beside: "prenom prenoms"},
		"nombre": {part: FirstName, beside: "apellido apellidos primerapellido"},
		"nome":   {part: FirstName, beside: "cognome"},
	} {
		m.field, m.rank = whole.field, whole.rank
		known[word] = m
	}
	add(also) // a name to sign in with is an id there
	return known
}

// spellings are the names of a field, the best ones first.
func spellings(f Field) []string {
	switch f {
	case Email:
		return []string{
			`email mail emailaddress emailaddresses workemail businessemail emailid primaryemail useremail email1value
			emailadresse mailadresse geschaftlicheemail geschaftlicheemailadresse dienstlicheemail
			courriel adressemail adresseemail adressedemessagerie adressedecourriel adresseelectronique courrielprofessionnel
			emailprofessionnel mailprofessionnel mel
			correo correoelectronico direcciondecorreo direcciondecorreoelectronico direccionemail emaildetrabajo
			postaelettronica indirizzoemail indirizzomail indirizzodipostaelettronica emailaziendale emaildilavoro`,
		}
	case FirstName:
		return []string{
			`firstname givenname givennames forename forenames first
			vorname vornamen rufname
			prenom prenoms
			nombredepila nombres primernombre
			nomeproprio`,
		}
	case LastName:
		return []string{
			`lastname surname surnames familyname last sn
			nachname familienname zuname
			nomdefamille
			apellido apellidos primerapellido
			cognome`,
		}
	case DisplayName:
		return []string{
			`displayname anzeigename nomcomplet nomaffiche nomdaffichage nombreparamostrar nombremostrado nombreamostrar nomevisualizzato`,
			`fullname commonname vollstandigername vollername nombrecompleto nomecompleto`,
		}
	case Title:
		return []string{
			`title jobtitle position jobrole employeetitle organizationtitle organization1title
			stelle stellenbezeichnung positionsbezeichnung berufsbezeichnung funktion
			fonction poste intituleduposte intituledeposte titreduposte
			puesto cargo puestodetrabajo
			qualifica mansione posizione posizionelavorativa titoloprofessionale`,
			`titel titre titulo titolo ruolo`,
		}
	case Department:
		return []string{
			`department dept departmentname organizationdepartment organization1department
			abteilung departement service departamento dipartimento reparto`,
			`division team bereich area`,
		}
	case Location:
		return []string{
			`location office officelocation officename physicaldeliveryofficename worklocation
			standort buro buero burostandort arbeitsort dienstort
			bureau lieu lieudetravail emplacement
			oficina ubicacion sede ufficio posizioneufficio`,
			`city town site ort stadt ville ciudad localidad citta localita`,
		}
	case PhoneNumber:
		return []string{
			`phonenumber phone telephone telephonenumber tel telno workphone businessphone officephone primaryphone phone1value
			telefon telefonnummer telnr telefonnr rufnummer telefongeschaftlich geschaftstelefon telefonburo dienstlichetelefonnummer
			numerodetelephone telephoneprofessionnel telephonebureau
			telefono numerodetelefono telefonodeltrabajo telefonodeoficina
			numeroditelefono telefonoufficio telefonodilavoro`,
			`mobile mobilephone mobilenumber mobilephonenumber cell cellphone
			mobil mobiltelefon mobilnummer handy handynummer
			portable telephonemobile telephoneportable
			movil telefonomovil celular
			cellulare telefonocellulare numerodicellulare`,
		}
	case UserID:
		return []string{
			`symphonyuserid symphonyid symphonyuseruuid`,
			`userid useruuid useridentifier benutzerid nutzerid idutilisateur identifiantutilisateur idusuario iddeusuario iddelusuario idutente identificativoutente`,
			`id uuid identifier kennung benutzerkennung identifiant identificador identificativo`,
		}
	case CompanyName:
		return []string{
			`companyname company nameofcompany nameofthecompany firmname firm
			firma firmenname unternehmen unternehmensname gesellschaft
			societe nomdelasociete nomdesociete entreprise nomdelentreprise raisonsociale
			empresa nombredelaempresa nombredeempresa compania sociedad razonsocial
			azienda nomeazienda nomedellazienda societa nomesocieta impresa ragionesociale`,
			`organization organisation organizationname organisationname organization1name customer customername client clientname
			kunde kundenname nomduclient organizacion cliente nombredelcliente organizzazione nomecliente`,
		}
	case VanityName:
		return []string{
			`vanityname vanity symphonyname symphonyvanityname subdomain subdomainname
			kurzname subdomane nomcourt sousdomaine nombrecorto subdominio nomebreve sottodominio`,
		}
	case EmailDomains:
		return []string{
			`domain domains emaildomain emaildomains domaine domaines dominio dominios domane domanen dominii`,
			`maildomain maildomains companydomain companydomains domainname alloweddomains
			emaildomane emaildomanen maildomane maildomanen
			domaineemail domainesemail domainedemessagerie domainesdemessagerie
			dominiodecorreo dominiosdecorreo dominioemail dominiosemail dominiemail domini dominiodiposta`,
		}
	case Unused:
	}
	return nil
}
