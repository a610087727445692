/**
 * Issuers of passports, as line 1 of the machine-readable zone writes them (positions 3 to 5; ICAO
 * Doc 9303, part 3, section 5): the three letters of ISO 3166-1, with ICAO's exceptions. Left out
 * are codes that issue nothing: persons without a nationality (XXA, XXB, XXC, XXX), specimens (UTO)
 * and former states.
 */
const iso3166 = `
  ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR BHS BIH BLM
  BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI CUB CUW CXR
  CYM CYP CZE DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM GAB GBR GEO GGY GHA GIB GIN
  GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA JAM
  JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA MDG
  MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR NPL
  NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SGS SHN
  SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON TTO
  TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE`;

/**
 * D is Germany; GBD to GBS are kinds of British passports; the others are organisations, and Kosovo
 * as its passports write it.
 */
const ofIcao = `
  D GBD GBN GBO GBP GBS RKS EUE UNO UNA UNK
  XBA XCC XCE XCO XDC XEC XES XIM XMP XOM XPO`;

const codes = new Set([iso3166, ofIcao].flatMap((list) => list.trim().split(/\s+/)));

/** Codes in use for an issuer that has another one: one issuer has one code here. */
const others: Readonly<Record<string, string>> = { DEU: 'D', XKX: 'RKS' };

export const isIssuingState = (code: string): boolean => codes.has(code);

/** The code by which passports name this code's issuer, where it is another one. */
export const codeInPassports = (code: string): string | null =>
  Object.hasOwn(others, code) ? (others[code] ?? null) : null;
