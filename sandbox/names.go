package sandbox

import "strings"

// A script is a stock of names that are written alike. Each name is given as
// written, then a colon, then as its owner would spell it in an e-mail address.
type script struct {
	familyFirst bool
	first, last []name
}

type name struct{ written, ascii string }

func names(list string) []name {
	var all []name
	for entry := range strings.FieldsSeq(list) {
		written, ascii, found := strings.Cut(entry, ":")
		if !found {
			ascii = strings.ToLower(written)
		}
		all = append(all, name{strings.ReplaceAll(written, "_", " "), ascii})
	}
	return all
}

// The scripts' order is part of the seed: changing it changes who is seeded.
const (
	latin = iota
	greek
	cyrillic
	chinese
	japanese
	korean
	arabic
	hebrew
	thai
	devanagari
)

func scripts() []script {
	return []script{
		latin: {
			first: names(`Adrian Agnès:agnes Alice Amélie:amelie Anaïs:anais Andrés:andres Åsa:asa Astrid Beatriz Benoît:benoit
				Björn:bjorn Brigitte Camille Carlos Chloé:chloe Ciarán:ciaran Clara Daniel Diego Dóra:dora Élodie:elodie Emma
				Esra Fatoumata Femke Fiona François:francois Frederik Gabriela Giulia Gökhan:gokhan Grace Hanna Hélène:helene
				Hugo Ignacio Ines Ingrid Isabel Iwona Jakub James Jérôme:jerome Joanna João:joao Johanna Jürgen:jurgen Kateřina:katerina
				Kwame Lars Léa:lea Liam Linh Lucía:lucia Łukasz:lukasz Maeve Maja Małgorzata:malgorzata Marek Mateo Mehmet
				Michał:michal Miren Nadia Niamh Nicolás:nicolas Noémie:noemie Nuno Olivia Ömer:omer Oscar Paula Pedro Petra
				Quentin Rafael Rasmus Renée:renee Roberto Saoirse Sébastien:sebastien Siobhán:siobhan Sofia Søren:soren Štefan:stefan
				Teresa Thomas Tomáš:tomas Ulrike Valentina Vít:vit Wanjiru Xavier Yasmin Yusuf Zoë:zoe Žofia:zofia Zuzana`),
			last: names(`Adeyemi Almeida Andersson Ångström:angstrom Bauer Becker Bergström:bergstrom Bianchi Björk:bjork Blanc Bošković:boskovic
				Brennan Brown Čapek:capek Castro Çelik:celik Conti Costa Dąbrowski:dabrowski D’Angelo:dangelo D'Souza:dsouza de_la_Cruz:delacruz
				de_Vries:devries Diallo Doğan:dogan Dubois Dupont Ekström:ekstrom Evans Fernández:fernandez Ferreira Fischer FitzGerald
				Fournier García:garcia Gauthier Gómez:gomez Gonçalves:goncalves Groß:gross Haas Hansen Häkkinen:hakkinen Horváth:horvath
				Hughes Ivanović:ivanovic Jansen Jensen Jørgensen:jorgensen Kamau Kaya Keller Kovács:kovacs Kowalczyk Kraus Larsen
				Lefèvre:lefevre Lindqvist López:lopez MacDonald Maïga:maiga Marić:maric Martín:martin Mäkinen:makinen McCarthy Mendes
				Meyer Moreau Müller:muller Murphy Nguyễn:nguyen Nielsen Novák:novak Nowak Núñez:nunez O’Brien:obrien O'Connor:oconnor
				O’Neill:oneill Okafor Olsen Øverland:overland Öztürk:ozturk Pérez:perez Petrović:petrovic Popescu Quinn Richter Rossi Roux
				Ruiz Saint-Exupéry:saintexupery Santos Schäfer:schafer Schmidt Silva Smith Sørensen:sorensen Šimek:simek Świątek:swiatek
				Székely:szekely Thorsen Torres Trần:tran Ünal:unal van_den_Berg:vandenberg Vasilescu Virtanen von_Weizsäcker:vonweizsacker
				Walsh Weiß:weiss Wiśniewski:wisniewski Wright Yılmaz:yilmaz Żak:zak Zimmermann`),
		},
		greek: {
			first: names(`Ελένη:eleni Γιώργος:giorgos Μαρία:maria Νίκος:nikos Κατερίνα:katerina Δημήτρης:dimitris Σοφία:sofia Αλέξανδρος:alexandros Ιωάννα:ioanna Χρήστος:christos`),
			last:  names(`Παπαδοπούλου:papadopoulou Γεωργίου:georgiou Νικολάου:nikolaou Ιωάννου:ioannou Καραγιάννης:karagiannis Δημητρίου:dimitriou Οικονόμου:oikonomou Βασιλείου:vasileiou Αθανασίου:athanasiou`),
		},
		cyrillic: {
			first: names(`Анастасия:anastasia Иван:ivan Олена:olena Дмитро:dmytro Светлана:svetlana Никола:nikola Милица:milica Богдан:bohdan Юлія:yuliia Георги:georgi`),
			last:  names(`Шевченко:shevchenko Коваленко:kovalenko Бондаренко:bondarenko Георгиев:georgiev Петровић:petrovic Ткаченко:tkachenko Чайка:chaika Лисенко:lysenko Димитрова:dimitrova`),
		},
		chinese: {
			familyFirst: true,
			first:       names(`小明:xiaoming 丽华:lihua 建国:jianguo 雅婷:yating 志強:chikeung 嘉欣:kayan 子轩:zixuan 梦琪:mengqi 俊杰:junjie 思源:siyuan`),
			last:        names(`王:wang 李:li 張:cheung 刘:liu 陳:chan 杨:yang 黄:huang 趙:chiu 周:zhou 歐陽:ouyang`),
		},
		japanese: {
			familyFirst: true,
			first:       names(`太郎:taro 花子:hanako 翔太:shota 美咲:misaki 健一:kenichi さくら:sakura 大輔:daisuke 陽菜:hina 直樹:naoki 恵子:keiko 拓也:takuya 由美子:yumiko`),
			last:        names(`佐藤:sato 鈴木:suzuki 高橋:takahashi 田中:tanaka 渡辺:watanabe 伊藤:ito 山本:yamamoto 中村:nakamura 小林:kobayashi 加藤:kato 𠮷田:yoshida 長谷川:hasegawa`),
		},
		korean: {
			familyFirst: true,
			first:       names(`민준:minjun 서연:seoyeon 지훈:jihoon 수빈:subin 현우:hyunwoo 지민:jimin 예은:yeeun 도윤:doyun`),
			last:        names(`김:kim 이:lee 박:park 최:choi 정:jung 강:kang 조:cho 남궁:namgung`),
		},
		arabic: {
			first: names(`محمد:mohammed فاطمة:fatima أحمد:ahmed ليلى:layla يوسف:youssef نور:nour خالد:khaled مريم:maryam عمر:omar سارة:sara`),
			last:  names(`القاسم:alqasim الهاشمي:alhashimi حداد:haddad المنصوري:almansouri خوري:khoury العلي:alali بن_سالم:binsalem الشريف:alsharif`),
		},
		hebrew: {
			first: names(`שירה:shira יוסף:yosef נועה:noa דוד:david תמר:tamar איתן:eitan מיכל:michal אורי:uri`),
			last:  names(`כהן:cohen לוי:levi מזרחי:mizrahi פרץ:peretz ביטון:biton אברהם:avraham בן-דוד:bendavid`),
		},
		thai: {
			first: names(`สมชาย:somchai ณัฐวุฒิ:nattawut พิมพ์ชนก:pimchanok กมลชนก:kamonchanok วีระ:weera สุภาพร:supaporn`),
			last:  names(`ใจดี:jaidee ศรีสุข:srisuk วงศ์สวัสดิ์:wongsawat รัตนโกสินทร์:rattanakosin แก้วมณี:kaewmanee`),
		},
		devanagari: {
			first: names(`अनन्या:ananya राहुल:rahul प्रिया:priya अर्जुन:arjun दीपिका:deepika विक्रम:vikram कृष्णा:krishna श्रेया:shreya`),
			last:  names(`शर्मा:sharma पटेल:patel गुप्ता:gupta सिंह:singh देशपांडे:deshpande कुलकर्णी:kulkarni जोशी:joshi`),
		},
	}
}
