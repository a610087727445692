import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { participantRoles } from '#libs/catalogue';
import type { ConsentStatus, StatusAtWindow } from './book.js';
import { type Action, actions, endReasons } from './consent.events.js';

const roles = Object.keys(participantRoles);
const standings = [
  'waiting',
  'granted',
  'refused',
  'withdrawn',
  'ended',
  'redeemed',
  'withheld',
  'expired',
] satisfies StatusAtWindow[];
const holderStandings = [...standings, 'mismatched'] satisfies ConsentStatus[];

export class RequestConsentDto {
  @ApiProperty({ description: 'The participant to ask', enum: roles, example: 'applicant' })
  @IsIn(roles)
  role!: string;

  @ApiProperty({
    description: 'Codes of the materials; the rules recorded in the case determine the fields',
    type: [String],
    example: ['ZZ001'],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsString({ each: true })
  @Matches(/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/, { each: true })
  materials!: string[];

  @ApiPropertyOptional({
    description:
      'What the data may be used for: `print` at a kiosk, in the case of a self-service matter, and `read` in every other case',
    enum: actions,
    default: 'read',
    example: 'read',
  })
  @IsOptional()
  @IsIn(actions)
  action?: Action;
}

const number = {
  description:
    'Two digits that the window shows, and that the holder types on the phone. Null where the holder’s own QR code was scanned',
  type: String,
  nullable: true,
  pattern: '^[0-9]{2}$',
  example: '37',
} as const;

const part = /^[\w-]+$/;
const binary = 'Y3JlZGVudGlhbA';

/** What `navigator.credentials.get` answered, and the number that was typed for it. */
export class PasskeyGrantDto {
  @ApiProperty({ description: 'Id of the passkey', example: binary, maxLength: 1400 })
  @MaxLength(1400)
  @Matches(part)
  credentialId!: string;

  @ApiProperty({
    description: 'As the browser gave it, base64url',
    example: binary,
    maxLength: 1400,
  })
  @MaxLength(1400)
  @Matches(part)
  authenticatorData!: string;

  @ApiProperty({
    description:
      'As the browser gave it, base64url. Its challenge is SHA-256 of RFC 8785 of {answer: "grant", capacity, case, consent, digits, noticeHash, typ: "consent-grant+webauthn"}',
    example: binary,
    maxLength: 5500,
  })
  @MaxLength(5500)
  @Matches(part)
  clientDataJSON!: string;

  @ApiProperty({
    description: 'As the browser gave it, base64url',
    example: binary,
    maxLength: 120,
  })
  @MaxLength(120)
  @Matches(part)
  signature!: string;

  @ApiProperty({
    ...number,
    description: 'The two digits of the challenge; null where it has none',
  })
  @ValidateIf(({ digits }: PasskeyGrantDto) => digits !== null)
  @Matches(/^[0-9]{2}$/)
  digits!: string | null;
}

export class GrantConsentDto {
  @ApiPropertyOptional({
    description:
      'Compact JWS of the enrolled key, typ consent-grant+jws, over RFC 8785 of {answer: "grant", capacity, case, consent, digits, iat, noticeHash}; digits are the two that the window shows, null where it shows none',
    example: 'eyJ0eXAiOiJjb25zZW50LWdyYW50K2p3cyIsImFsZyI6IkVkRFNBIn0.e30.c2lnbmF0dXJl',
    maxLength: 4096,
  })
  @ValidateIf(({ jws, passkey }: GrantConsentDto) => jws !== undefined || passkey === undefined)
  @IsString()
  @MaxLength(4096)
  jws?: string;

  @ApiPropertyOptional({
    description: 'Instead of `jws`: the answer of a passkey of the phone that sends it',
    type: () => PasskeyGrantDto,
  })
  @ValidateIf(({ jws, passkey }: GrantConsentDto) => passkey !== undefined || jws === undefined)
  @IsObject()
  @ValidateNested()
  @Type(() => PasskeyGrantDto)
  passkey?: PasskeyGrantDto;
}

export class WaitingConsentDto {
  @ApiProperty({ description: 'Id of the consent', example: 'Zk3nT0bqVxS8hHqY2cJ4Rw' })
  consent!: string;
  @ApiProperty({ description: 'The same for every person', enum: ['waiting'], example: 'waiting' })
  state!: string;
  @ApiProperty({
    description: 'Until when the holder can answer',
    example: '2026-11-22T08:10:00.000Z',
  })
  answerBy!: string;
  @ApiProperty({ ...number, description: `${number.description}; the same whoever was asked` })
  number!: string | null;
}

const endReason = {
  description: 'Why it ended without the holder’s answer; null where it did not',
  enum: [...endReasons, 'nothing_to_release'],
  type: String,
  nullable: true,
  example: null,
};

export class WindowConsentDto {
  @ApiProperty({ description: 'Id of the consent', example: 'Zk3nT0bqVxS8hHqY2cJ4Rw' })
  consent!: string;
  @ApiProperty({ description: 'The participant who was asked', enum: roles, example: 'applicant' })
  role!: string;
  @ApiProperty({ description: 'Materials it is for', type: [String], example: ['ZZ001'] })
  materials!: readonly string[];
  @ApiProperty({
    description:
      'How it stands. `refused`: the holder did not agree, be it by a no or by a number that was wrong twice',
    enum: standings,
    example: 'waiting',
  })
  state!: string;
  @ApiProperty({
    description: 'Until when the holder can answer',
    example: '2026-11-22T08:10:00.000Z',
  })
  answerBy!: string;
  @ApiProperty({
    description: 'Until when it can be redeemed, once granted',
    type: String,
    nullable: true,
    example: null,
  })
  redeemBy!: string | null;
  @ApiProperty(endReason)
  endReason!: string | null;
  @ApiProperty({
    ...number,
    description: `${number.description}; and for other terminals, and when it no longer waits`,
  })
  number!: string | null;
}

export class MintedTokenDto {
  @ApiProperty({
    description: 'The consent token (typ consent+jwt), for this terminal and its key alone',
    example: 'eyJ0eXAiOiJjb25zZW50K2p3dCIsImFsZyI6IkVkRFNBIn0.e30.c2lnbmF0dXJl',
  })
  token!: string;
  @ApiProperty({
    description: 'Expiry, after at most one minute',
    example: '2026-11-22T08:05:00.000Z',
  })
  expires!: string;
}

export class AskAnswerDto {
  @ApiProperty({ description: 'Code of the certificate type', example: 'ZZ001' })
  type!: string;
  @ApiProperty({
    description: 'The requested fields',
    type: [String],
    example: ['姓名', '公民身份号码'],
  })
  fields!: readonly string[];
}

export class AskDto {
  @ApiProperty({ description: 'Code of the material', example: 'ZZ001' })
  material!: string;
  @ApiProperty({
    description: 'Certificate types of which any one answers the material',
    type: () => [AskAnswerDto],
  })
  answers!: readonly AskAnswerDto[];
}

export class NoticeDto {
  @ApiProperty({ description: 'Version of the wording', example: 1 })
  version!: number;
  @ApiProperty({ description: 'The text in Chinese', example: '…请您同意，为办理“…”使用…' })
  zh!: string;
  @ApiProperty({ description: 'The text in English', example: '… asks you to agree …' })
  en!: string;
  @ApiProperty({
    description: 'SHA-256, base64url, of RFC 8785 of {version, zh, en, consent}: what is signed',
    example: '2jmj7l5rSw0yVb_vlWAYkK_YBwk2jmj7l5rSw0yVb_w',
  })
  hash!: string;
}

export class HolderConsentDto {
  @ApiProperty({ description: 'Id of the consent', example: 'Zk3nT0bqVxS8hHqY2cJ4Rw' })
  consent!: string;
  @ApiProperty({ description: 'Id of the case', example: 'b0mC3rWkTq6L1sXvY9zH4g' })
  case!: string;
  @ApiProperty({ description: 'State', enum: holderStandings, example: 'waiting' })
  state!: string;
  @ApiProperty({ description: 'The requesting department', example: '人社' })
  department!: string;
  @ApiProperty({ description: 'Window', example: 'window-3' })
  window!: string;
  @ApiProperty({ description: 'Code of the matter', example: 'SX0001' })
  matter!: string;
  @ApiProperty({ description: 'Purpose', example: '办理“灵活就业人员参保登记”' })
  purpose!: string;
  @ApiProperty({ description: 'What the data may be used for', enum: actions, example: 'read' })
  action!: string;
  @ApiProperty({ description: 'Data', type: () => [AskDto] })
  asks!: readonly AskDto[];
  @ApiProperty({
    description: 'Until when it can be answered',
    example: '2026-11-22T08:10:00.000Z',
  })
  answerBy!: string;
  @ApiProperty({
    description: 'Until when it can be redeemed, once granted',
    type: String,
    nullable: true,
    example: null,
  })
  redeemBy!: string | null;
  @ApiProperty(endReason)
  endReason!: string | null;
  @ApiProperty({ description: 'The text to show and to sign', type: () => NoticeDto })
  notice!: NoticeDto;
  @ApiProperty({
    description: 'Whether the two digits that the window shows have to be signed',
    enum: ['required', 'none'],
    example: 'required',
  })
  numberMatch!: string;
  @ApiProperty({
    description: 'How often the digits can still be sent; with the last miss the request is closed',
    example: 2,
  })
  numberTries!: number;
}

export class HolderConsentsPageDto {
  @ApiPropertyOptional({ description: '`next` of the previous page', example: '240.0' })
  @IsOptional()
  @Matches(/^[0-9]{1,9}\.[0-9]{1,9}$/)
  after?: string;
}

export class HolderConsentsDto {
  @ApiProperty({
    description:
      'Those that wait or can be redeemed first: the newest of each window, then the second newest of each; then the others, the newest first. At most 100 per page',
    type: () => [HolderConsentDto],
  })
  consents!: readonly HolderConsentDto[];
  @ApiProperty({
    description: 'Value of `after` for the next page; null on the last one',
    type: String,
    nullable: true,
    example: null,
  })
  next!: string | null;
}

export class GrantedConsentDto {
  @ApiProperty({ description: 'Id of the consent', example: 'Zk3nT0bqVxS8hHqY2cJ4Rw' })
  consent!: string;
  @ApiProperty({ description: 'State', enum: ['granted'], example: 'granted' })
  state!: string;
  @ApiProperty({
    description: 'Until when the terminal can redeem it',
    example: '2026-11-22T08:12:30.000Z',
  })
  redeemBy!: string;
}
