import { ApiProperty } from '@nestjs/swagger';
import { IsObject, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { IsPlainText } from '#libs/platform';
import { houseName } from '../identity.dto.js';
import type { Jwk } from '../jws.js';

const secret = /^[\w-]{22,128}$/;

export class OfferTerminalDto {
  @ApiProperty({
    type: Object,
    example: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
    description: 'Public JWK of the browser’s own key, Ed25519 or P-256.',
  })
  @IsObject()
  jwk!: Jwk;

  @ApiProperty({
    required: false,
    nullable: true,
    type: String,
    example: 'q3X7vN0s2kJ4mP8wR1tY6z',
    description: 'Nonce of the invitation link: at least 128 bits in base64url.',
  })
  @IsOptional()
  @Matches(secret)
  invitation?: string | null;
}

export class OfferedTerminal {
  @ApiProperty({
    example: 'K7QD42XM',
    description: 'With which the administrator finds the offer.',
  })
  handle!: string;

  @ApiProperty({
    example: '048213',
    description: 'Six digits of the key: the administrator’s page shows the same.',
  })
  check!: string;

  @ApiProperty({
    example: 'q3X7vN0s2kJ4mP8wR1tY6z',
    description: 'Secret with which the browser polls its offer. Returned once.',
  })
  ticket!: string;

  @ApiProperty({ example: '2026-11-30T08:15:00.000Z', format: 'date-time' })
  expires!: string;
}

export class TerminalTicketDto {
  @ApiProperty({ example: 'q3X7vN0s2kJ4mP8wR1tY6z' })
  @Matches(secret)
  ticket!: string;
}

export class TerminalProofDto extends TerminalTicketDto {
  @ApiProperty({
    example: 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImNsaWVudC1yZWdpc3RyYXRpb24rand…',
    description: 'Compact JWS as for POST /v1/clients, over the details of the offer.',
  })
  @IsString()
  @MaxLength(8192)
  proof!: string;
}

export class TerminalDetailsDto {
  @ApiProperty({ example: '一楼3号终端', description: 'Name to show. Never the name of a person.' })
  @Matches(houseName)
  @IsPlainText()
  name!: string;

  @ApiProperty({ example: '人社', description: 'The department that it belongs to.' })
  @Matches(houseName)
  @IsPlainText()
  department!: string;

  @ApiProperty({ example: 'hall-1-03', description: 'The window of the client.' })
  @Matches(houseName)
  @IsPlainText()
  window!: string;

  @ApiProperty({ required: false, nullable: true, type: String, example: '示例镇' })
  @IsOptional()
  @Matches(houseName)
  @IsPlainText()
  town?: string | null;
}

export const offerStates = ['waiting', 'described', 'proved', 'registered'] as const;
export type OfferState = (typeof offerStates)[number];

export class TerminalOfferState {
  @ApiProperty({
    enum: offerStates,
    example: 'described',
    description:
      'waiting for an administrator; described: to be signed by the browser; proved: to be registered; registered.',
  })
  state!: OfferState;

  @ApiProperty({ type: TerminalDetailsDto, nullable: true })
  details!: TerminalDetailsDto | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'The OAuth client id, once it is registered.',
  })
  client!: string | null;
}

export class TerminalOfferView extends TerminalOfferState {
  @ApiProperty({ example: 'K7QD42XM' })
  handle!: string;

  @ApiProperty({ example: '048213', description: 'To compare with what the browser shows.' })
  check!: string;

  @ApiProperty({ type: Object, description: 'The public key that it offers.' })
  jwk!: Jwk;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'To be sent with the key to POST /v1/clients.',
  })
  proof!: string | null;
}
