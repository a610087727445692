import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsString,
  Matches,
  MaxLength,
} from 'class-validator';
import { participantRoles } from '#libs/catalogue';

const roles = Object.keys(participantRoles);
const standings = ['waiting', 'granted', 'refused', 'withdrawn', 'redeemed', 'withheld', 'expired'];

export class RequestConsentDto {
  @ApiProperty({ description: 'Whom to ask', enum: roles, example: 'applicant' })
  @IsIn(roles)
  role!: string;

  @ApiProperty({
    description: 'Codes of the materials to be answered; which fields, the rules of the case say',
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
}

export class GrantConsentDto {
  @ApiProperty({
    description:
      'Compact JWS of the enrolled key, typ consent-grant+jws, over RFC 8785 of {answer: "grant", capacity, case, consent, iat, noticeHash}',
    example: 'eyJ0eXAiOiJjb25zZW50LWdyYW50K2p3cyIsImFsZyI6IkVkRFNBIn0.e30.c2lnbmF0dXJl',
    maxLength: 4096,
  })
  @IsString()
  @MaxLength(4096)
  jws!: string;
}

export class WaitingConsentDto {
  @ApiProperty({ description: 'Id of the consent', example: 'Zk3nT0bqVxS8hHqY2cJ4Rw' })
  consent!: string;
  @ApiProperty({ description: 'The same whoever was asked', enum: ['waiting'], example: 'waiting' })
  state!: string;
  @ApiProperty({
    description: 'Until when the holder can answer',
    example: '2026-11-22T08:10:00.000Z',
  })
  answerBy!: string;
}

export class WindowConsentDto {
  @ApiProperty({ description: 'Id of the consent', example: 'Zk3nT0bqVxS8hHqY2cJ4Rw' })
  consent!: string;
  @ApiProperty({ description: 'Whom it was asked of', example: 'applicant' })
  role!: string;
  @ApiProperty({ description: 'Materials it is for', type: [String], example: ['ZZ001'] })
  materials!: readonly string[];
  @ApiProperty({ description: 'How it stands', enum: standings, example: 'granted' })
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
    example: '2026-11-22T08:12:30.000Z',
  })
  redeemBy!: string | null;
}

export class MintedTokenDto {
  @ApiProperty({
    description: 'The consent token (typ consent+jwt), for this terminal and its key alone',
    example: 'eyJ0eXAiOiJjb25zZW50K2p3dCIsImFsZyI6IkVkRFNBIn0.e30.c2lnbmF0dXJl',
  })
  token!: string;
  @ApiProperty({
    description: 'When it ends: a minute at most',
    example: '2026-11-22T08:05:00.000Z',
  })
  expires!: string;
}

export class ShownCodeDto {
  @ApiProperty({
    description: 'Value of the QR code: opaque, for one use',
    example: 'q2m0bR7cV1xJ3kYt8wZ5dA',
  })
  code!: string;
  @ApiProperty({ description: 'When it ends: 60 seconds', example: '2026-11-22T08:01:00.000Z' })
  expires!: string;
}

export class AskAnswerDto {
  @ApiProperty({ description: 'Code of the certificate type', example: 'ZZ001' })
  type!: string;
  @ApiProperty({
    description: 'The fields asked of it',
    type: [String],
    example: ['姓名', '公民身份号码'],
  })
  fields!: readonly string[];
}

export class AskDto {
  @ApiProperty({ description: 'Code of the material', example: 'ZZ001' })
  material!: string;
  @ApiProperty({ description: 'Any one of these answers it', type: () => [AskAnswerDto] })
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
  @ApiProperty({ description: 'How it stands', enum: standings, example: 'waiting' })
  state!: string;
  @ApiProperty({ description: 'Who asks', example: '人社' })
  department!: string;
  @ApiProperty({ description: 'At which window', example: 'window-3' })
  window!: string;
  @ApiProperty({ description: 'Code of the matter', example: 'SX0001' })
  matter!: string;
  @ApiProperty({ description: 'What for', example: '办理“灵活就业人员参保登记”' })
  purpose!: string;
  @ApiProperty({ description: 'Which data', type: () => [AskDto] })
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
  @ApiProperty({ description: 'The text to show and to sign', type: () => NoticeDto })
  notice!: NoticeDto;
}

export class HolderConsentsDto {
  @ApiProperty({ description: 'The newest first; at most 100', type: () => [HolderConsentDto] })
  consents!: readonly HolderConsentDto[];
}

export class GrantedConsentDto {
  @ApiProperty({ description: 'Id of the consent', example: 'Zk3nT0bqVxS8hHqY2cJ4Rw' })
  consent!: string;
  @ApiProperty({ description: 'How it stands', enum: ['granted'], example: 'granted' })
  state!: string;
  @ApiProperty({
    description: 'Until when the terminal can redeem it',
    example: '2026-11-22T08:12:30.000Z',
  })
  redeemBy!: string;
}

export class UsedDto {
  @ApiProperty({ description: 'Code of the material', example: 'ZZ001' })
  material!: string;
  @ApiProperty({ description: 'Code of the certificate type', example: 'ZZ001' })
  type!: string;
  @ApiProperty({ description: 'Fields', type: [String], example: ['姓名', '公民身份号码'] })
  fields!: readonly string[];
}

export class BasisDto {
  @ApiProperty({ description: 'On what ground', enum: ['consent'], example: 'consent' })
  by!: string;
  @ApiProperty({ description: 'In which capacity it was given', example: 'self' })
  capacity!: string;
}

export class AccessDto {
  @ApiProperty({ description: "The record's version in the book", example: 2 })
  version!: number;
  @ApiProperty({
    description: "The record's leaf hash, hexadecimal",
    example: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
  })
  hash!: string;
  @ApiProperty({ description: 'When', example: '2026-11-22T08:03:00.000Z' })
  time!: string;
  @ApiProperty({
    description: 'What happened',
    enum: ['requested', 'granted', 'refused', 'withdrawn', 'released', 'withheld', 'read-again'],
    example: 'released',
  })
  kind!: string;
  @ApiProperty({ description: 'Id of the consent', example: 'Zk3nT0bqVxS8hHqY2cJ4Rw' })
  consent!: string;
  @ApiProperty({ description: 'Id of the case', example: 'b0mC3rWkTq6L1sXvY9zH4g' })
  case!: string;
  @ApiProperty({ description: 'Code of the matter', example: 'SX0001' })
  matter!: string;
  @ApiProperty({ description: 'What for', example: '办理“灵活就业人员参保登记”' })
  purpose!: string;
  @ApiProperty({ description: 'Who', example: '人社' })
  department!: string;
  @ApiProperty({ description: 'At which window', example: 'window-3' })
  window!: string;
  @ApiProperty({ description: 'By which terminal', example: 'terminal-3' })
  terminal!: string;
  @ApiProperty({ description: 'What was used or asked for', type: () => [UsedDto] })
  used!: readonly UsedDto[];
  @ApiProperty({ description: 'On what basis', type: () => BasisDto, nullable: true })
  basis!: BasisDto | null;
  @ApiProperty({
    description: 'Why it was withheld',
    type: String,
    nullable: true,
    example: null,
  })
  reason!: string | null;
}

export class BookHeadDto {
  @ApiProperty({ description: 'Version of the last record', example: 2 })
  version!: number;
  @ApiProperty({
    description: 'Its leaf hash, hexadecimal',
    example: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
  })
  hash!: string;
}

export class AccessesDto {
  @ApiProperty({ description: "The book's stream", example: 'book-1XnA0vJm3sYk2qLzR8tWcg' })
  stream!: string;
  @ApiProperty({ description: 'Its last record', type: () => BookHeadDto, nullable: true })
  head!: BookHeadDto | null;
  @ApiProperty({
    description: 'Every record, the oldest first; versions count from 0 without a gap',
    type: () => [AccessDto],
  })
  accesses!: readonly AccessDto[];
}
