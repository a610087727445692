import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  ValidateNested,
} from 'class-validator';
import type { RegisteredClient } from './caller.js';
import type { ClientKind, Scope } from './identity.events.js';
import type { Jwk } from './jws.js';
import { allScopes, clientKinds } from './scopes.js';

/** A name of the house: 1 to 64 letters of any script, digits, spaces between, and `-_.()·`. */
const houseName = /^[\p{L}\p{N}]([\p{L}\p{N}\p{M} ._()（）·-]{0,62}[\p{L}\p{N}\p{M})）])?$/u;
const typeCode = /^[A-Z]{2}\d{3}$/;

export class AuthorityDto {
  @ApiProperty({
    example: '11430112000000001P',
    description: 'Unified social credit code (GB 32100) under which it signs.',
  })
  @Matches(/^[0-9A-Z]{18}$/)
  creditCode!: string;

  @ApiProperty({ example: '示例市公安局', description: 'Name as printed on certificates.' })
  @Matches(houseName)
  name!: string;

  @ApiProperty({ example: ['ZZ001'], description: 'Codes of the types that it may issue.' })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @Matches(typeCode, { each: true })
  types!: string[];
}

export class RegisterClientDto {
  @ApiProperty({ enum: clientKinds, example: 'terminal', description: 'What the client is.' })
  @IsIn(clientKinds)
  kind!: ClientKind;

  @ApiProperty({ example: '一楼3号终端', description: 'Name to show. Never the name of a person.' })
  @Matches(houseName)
  name!: string;

  @ApiProperty({ example: '人社', description: 'The department that it belongs to.' })
  @Matches(houseName)
  department!: string;

  @ApiProperty({
    required: false,
    nullable: true,
    type: String,
    example: 'hall-1-03',
    description: 'The window where it stands; terminals and kiosks must have one.',
  })
  @IsOptional()
  @Matches(houseName)
  window?: string | null;

  @ApiProperty({
    required: false,
    nullable: true,
    type: String,
    example: '示例镇',
    description: 'The town or village of the window; for statistics.',
  })
  @IsOptional()
  @Matches(houseName)
  town?: string | null;

  @ApiProperty({
    required: false,
    nullable: true,
    type: AuthorityDto,
    description: 'For issuing authorities, and only for them.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => AuthorityDto)
  authority?: AuthorityDto | null;

  @ApiProperty({
    required: false,
    nullable: true,
    type: [String],
    enum: allScopes,
    example: ['cases:open', 'releases:pull', 'matters:read'],
    description: 'What it may do; all that its kind may where left out.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @IsIn(allScopes, { each: true })
  scopes?: Scope[] | null;

  @ApiProperty({
    type: [Object],
    example: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }],
    description: 'Public JWKs, Ed25519 or P-256, without the private part.',
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(4)
  @IsObject({ each: true })
  keys!: Jwk[];
}

export class RotateKeyDto {
  @ApiProperty({
    type: Object,
    example: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
    description: 'The public JWK that takes the place of all others.',
  })
  @IsObject()
  jwk!: Jwk;
}

export const reasons = [
  'lost',
  'stolen',
  'compromised',
  'retired',
  'maintenance',
  'returned',
  'other',
] as const;

export class ReasonDto {
  @ApiProperty({
    enum: reasons,
    example: 'maintenance',
    description: 'Why; a code, so that nothing personal is typed into the ledger.',
  })
  @IsString()
  @IsIn(reasons)
  reason!: (typeof reasons)[number];
}

export class ClientKeyView {
  @ApiProperty({
    example: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    description: 'RFC 7638 thumbprint.',
  })
  kid!: string;

  @ApiProperty({ enum: ['EdDSA', 'ES256'], example: 'EdDSA', description: 'Its algorithm.' })
  alg!: 'EdDSA' | 'ES256';
}

export class ClientView {
  @ApiProperty({ example: 'VwYdZzZk0n4mX8yq1rT7Cg', description: 'The OAuth client id.' })
  client!: string;

  @ApiProperty({ enum: clientKinds, example: 'terminal', description: 'What the client is.' })
  kind!: ClientKind;

  @ApiProperty({ example: '一楼3号终端', description: 'Name to show.' })
  name!: string;

  @ApiProperty({ example: '人社', description: 'The department that it belongs to.' })
  department!: string;

  @ApiProperty({ nullable: true, type: String, example: 'hall-1-03', description: 'Its window.' })
  window!: string | null;

  @ApiProperty({ nullable: true, type: String, example: '示例镇', description: 'Its town.' })
  town!: string | null;

  @ApiProperty({ nullable: true, type: AuthorityDto, description: 'What it may issue.' })
  authority!: AuthorityDto | null;

  @ApiProperty({
    type: [String],
    enum: allScopes,
    example: ['matters:read'],
    description: 'What it may do.',
  })
  scopes!: Scope[];

  @ApiProperty({ type: [ClientKeyView], description: 'Keys in use.' })
  keys!: ClientKeyView[];

  @ApiProperty({ example: true, description: 'Whether it may call at all.' })
  enabled!: boolean;

  static of(client: RegisteredClient): ClientView {
    const { authority } = client;
    return {
      ...client,
      authority: authority === null ? null : { ...authority, types: [...authority.types] },
      scopes: [...client.scopes],
      keys: client.keys.map(({ kid, alg }) => ({ kid, alg })),
    };
  }
}
