// A 2048-bit RSA key whose private half is public, so that signatures by RS256 passkeys come out
// the same on every run. It protects nothing and stands for nobody.

/** A private JWK (RFC 7518 §6.3.2). */
export const rsaTestKey: { readonly [member: string]: string } = {
  kty: 'RSA',
  n: [
    'y-7D9Aa3HRjCAIKDhV061jabY9LhvD2klycyyU8itxevtnhq0bn5EsKdYBR-9TcHRzpkzntnq-_j15Yu',
    '3sbdP4L3S-3IzxvfnYrhceFTZ51ZoZVGSwvCuVoxjZ43-AqWA7OczyIweLkyizLDB9SEJ9AFvzFmasUl',
    '1NXgw4iMgTHFiWM_WvE9kQOtAF54mLRlNwQWwI0oAqzeOgEGeG415GW5zj2g7YjN8IcjpnQYlLnv4LJT',
    'Yc4jLW8jUnogtd3dHLNy0_-7T_V1A1sHTyDgtS2doPZ2KNZ_qEBAOSayxkzIl8I8jeH9BakCyOGrRzmE',
    'STGQ925X0zzBaTToj3l0tw',
  ].join(''),
  e: 'AQAB',
  d: [
    'DGrU7qpsAu8LfQl1Zaz4FKwNiSYBjbs5JuUBoCVb6UcdcWBirLOEuYI1H_EPi_HWVR12nuX_uYXpWyqv',
    'Xuw_84qPcUWgyQ-a7ZZTxOHh-LipiP-0YIRuTmfyBXwBT26hlMcegLRFvEwWikhEfNkRVPVDLFGfOVgY',
    'xh1hyrYpTAJ2btF-5fgzO64yxLTlzRCpb9B29v1QIo4FIh7DuMDAhsK0Jrpj7CGDq-n-9Ci3XxJ9Rzag',
    'vrEoCMe2po2x7ce3C2DfCI8_1KzIYtm0mdgwddfdKuFOyt8U-uoYzPIZPelCm2XlojXThN9o6gxIIi5E',
    'adl8RzvMtqIIhbZKqQx__Q',
  ].join(''),
  p: [
    '9OGu0kkOAFf3vg1dXvoBEf2KTa0-n8Y3K77nukxpeY1__koI7yd1dRW1ckTYGF1_Uv0_uB0yNVHb4t3w',
    'LomVD1gUw_n0QPZsetqJqeOdhqsbkN8oTYSZbdClpRBqRn3HzN-XT1VwNu9b6-kP2gQhNPn358ttj7z6',
    'W4GgQPZ0W40',
  ].join(''),
  q: [
    '1TEfrMaAl4Zi_c59rvgRLgy8W5H9Z01rCSx8lV5hOblz5leucipRVLi2HakYpZ01RAZBoP02vxAJM0lw',
    'ONahuu7vChzn0PXVw347F1SPXFjDwE3Jj5ABrJPzSG6ShPs3Or0r2tV98rE70F-hb1X-g7bm5WWbXC_f',
    'VjxWf80qXlM',
  ].join(''),
  dp: [
    'ENglSlm0GNn0NKJ-tbXEtRQXm1g7Yooj6WJsVihDaRUOpNM64hh4v-EKZh3OL37e7zp0U5nOhlRnJ6fU',
    'iZ71HeUVKJXc80sAE0NNDN6XS1ghwUlYYFyqoR8lBcGnTcoBIFqQ8egSm_TDAes6J-j4z8gSAWPA2Y5K',
    'OlkkSNOrFVE',
  ].join(''),
  dq: [
    'S5fdiV_hXNkT5LcBLbdcMB3n8_gyCB0VZO1XR4dtphAyHmzcuDJ1IDtWp_G7gY3aw0IMp07hyKGhAYR6',
    'vEyukCAEtmtFb3ybzXPG9CDRrIb08g0i-TqwvUbAruA2J90D2loVYMTuoc1iTiJ6lYXCd2W1PYXnrqpy',
    '4JsIeMyAx20',
  ].join(''),
  qi: [
    'm8C2P9Pm9rWzKQpcLkuDfpzcgujJUUYEmkXtMRJ-aQ_9_W33JWXluTLgU5jO7cNL-AE4GB02JLwbSlDU',
    '9xJ9lfjRceQMq-lW1AzDJuG_njExktaRb9kUuTACkf-bqk3d--wWZj_G0C7aQKs8iVhJ7dOw9iGNetS3',
    'wQFO9XN8r0w',
  ].join(''),
}
