import { ApiProperty } from '@nestjs/swagger';
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
import { IsPlainText } from '#libs/platform';
import type { RegisteredClient } from './caller.js';
import type { ClientKind, Scope, SignIn } from './identity.events.js';
import type { Jwk } from './jws.js';
import { maxTypes } from './identity.decider.js';
import {
  allScopes,
  clientKinds,
  scopesOf,
  scopesOfAdministration,
  scopesOfWindows,
} from './scopes.js';

/**
 * An id of a department, window or client: 1 to 64 letters of any script, digits, spaces between,
 * and `-_.()·`.
 */
export const houseName = /^[\p{L}\p{N}]([\p{L}\p{N}\p{M} ._()（）·-]{0,62}[\p{L}\p{N}\p{M})）])?$/u;
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
  @IsPlainText()
  name!: string;

  @ApiProperty({ example: ['ZZ001'], description: 'Codes of the types that it may issue.' })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(maxTypes)
  @Matches(typeCode, { each: true })
  types!: string[];
}

const exampleKey = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };

export class ClientKeyDto {
  @ApiProperty({
    type: Object,
    example: exampleKey,
    description: 'Public JWK, Ed25519 or P-256, without the private part.',
  })
  @IsObject()
  jwk!: Jwk;

  @ApiProperty({
    example: 'eyJhbGciOiJFZERTQSIsInR5cCI6ImNsaWVudC1yZWdpc3RyYXRpb24rand…',
    description:
      'Compact JWS by this key, `kid` its thumbprint. For a new client `typ` is client-registration+jws, and the payload has exactly aud (the origin of the log), iat, kind, name, department, window, town, authority, as the request has them and null where it has none. For a new key of a client that there is, client-key+jws with aud, iat and client. At most 30 days old.',
  })
  @IsString()
  @MaxLength(16_384)
  proof!: string;
}

export class KeyApprovalDto {
  @ApiProperty({
    example: 'second-administrator',
    description:
      'The client whose key signed it: the client itself, by its old key, or an administrator.',
  })
  @Matches(/^[\w-]{1,64}$/)
  by!: string;

  @ApiProperty({
    example: 'eyJhbGciOiJFZERTQSIsInR5cCI6ImNsaWVudC1rZXktYXBwcm92YWwrand…',
    description:
      'Compact JWS of type client-key-approval+jws: aud (the origin of the log), iat, by, client, and jkt, the thumbprint of the new key.',
  })
  @IsString()
  @MaxLength(16_384)
  jws!: string;
}

const scopesByKind = clientKinds.map((kind) => `${kind}: ${scopesOf(kind).join(', ')}`).join('; ');

const signIns: readonly SignIn[] = ['operator', 'client'];

export class RegisterClientDto {
  @ApiProperty({ enum: clientKinds, example: 'terminal', description: 'Kind of the client.' })
  @IsIn(clientKinds)
  kind!: ClientKind;

  @ApiProperty({ example: '一楼3号终端', description: 'Name to show. Never the name of a person.' })
  @Matches(houseName)
  @IsPlainText()
  name!: string;

  @ApiProperty({ example: '人社', description: 'The department that it belongs to.' })
  @Matches(houseName)
  @IsPlainText()
  department!: string;

  @ApiProperty({
    required: false,
    nullable: true,
    type: String,
    example: 'hall-1-03',
    description:
      'The window of the client; required for terminals and kiosks. A department’s own system needs one for `cases:open` and `releases:pull`, because cases belong to a window and the daily limit of holders is counted per window. An online service is a window of its own, such as `online-1`.',
  })
  @IsOptional()
  @Matches(houseName)
  @IsPlainText()
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
  @IsPlainText()
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
    description: `What it may do, recorded as it stands here; where left out, all that its kind may, without a window none of ${scopesOfWindows.join(', ')}. By kind: ${scopesByKind}. A terminal with \`signIn\` operator may hold ${scopesOfAdministration.join(', ')}, too, which its operators then have by their roles.`,
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsIn(allScopes, { each: true })
  scopes?: Scope[] | null;

  @ApiProperty({
    required: false,
    nullable: true,
    enum: signIns,
    example: 'client',
    description:
      'operator: a terminal at which an operator must be signed in for everything but signing in. client: it acts by itself. Where left out, operator for a browser that offered itself as a terminal, and client for all others.',
  })
  @IsOptional()
  @IsIn(signIns)
  signIn?: SignIn | null;

  @ApiProperty({ type: [ClientKeyDto], description: 'Its public keys.' })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(4)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ClientKeyDto)
  keys!: ClientKeyDto[];
}

export class RotateKeyDto extends ClientKeyDto {
  @ApiProperty({
    required: false,
    nullable: true,
    type: KeyApprovalDto,
    description: 'Approval of the new key; required for issuing authorities.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => KeyApprovalDto)
  approval?: KeyApprovalDto | null;
}

export class ChangeTypesDto {
  @ApiProperty({
    required: false,
    example: ['ZZ003'],
    description: 'Codes of types that the authority may issue from now on.',
  })
  // One of the two is needed.
  @ValidateIf(({ add, remove }: ChangeTypesDto) => add !== undefined || remove === undefined)
  @IsArray()
  @ArrayMaxSize(maxTypes)
  @Matches(typeCode, { each: true })
  add?: string[];

  @ApiProperty({
    required: false,
    example: ['ZZ001'],
    description:
      'Codes of types that it may no longer issue; takes precedence over the other list. Issued certificates remain valid.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(maxTypes)
  @Matches(typeCode, { each: true })
  remove?: string[];
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
    description: 'Reason, as a code, so that no personal data are typed into the ledger.',
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

  @ApiProperty({ enum: clientKinds, example: 'terminal', description: 'Kind of the client.' })
  kind!: ClientKind;

  @ApiProperty({ example: '一楼3号终端', description: 'Name to show.' })
  name!: string;

  @ApiProperty({ example: '人社', description: 'The department that it belongs to.' })
  department!: string;

  @ApiProperty({ nullable: true, type: String, example: 'hall-1-03', description: 'Its window.' })
  window!: string | null;

  @ApiProperty({ nullable: true, type: String, example: '示例镇', description: 'Its town.' })
  town!: string | null;

  @ApiProperty({ nullable: true, type: AuthorityDto, description: 'What the authority may issue.' })
  authority!: AuthorityDto | null;

  @ApiProperty({
    type: [String],
    enum: allScopes,
    example: ['matters:read'],
    description: 'Scopes of the client.',
  })
  scopes!: Scope[];

  @ApiProperty({ type: [ClientKeyView], description: 'Keys in use.' })
  keys!: ClientKeyView[];

  @ApiProperty({ example: true, description: 'Whether the client is enabled.' })
  enabled!: boolean;

  @ApiProperty({ enum: signIns, example: 'client', description: 'Who acts at it.' })
  signIn!: SignIn;

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

export class RegisteredClientView extends ClientView {
  @ApiProperty({
    type: 'array',
    items: { type: 'array', items: { type: 'string' }, minItems: 2, maxItems: 2 },
    example: [['人社', '入社']],
    description:
      'Departments whose names look like the client’s. The client was registered all the same: check that both exist, because holders sign this name.',
  })
  lookalikes!: readonly (readonly [string, string])[];
}

export class ClientPageDto {
  @ApiProperty({
    required: false,
    example: 'VwYdZzZk0n4mX8yq1rT7Cg',
    description: 'Entries after this id: `next` of the previous page.',
  })
  @IsOptional()
  @Matches(/^[A-Za-z0-9_-]{1,64}$/)
  after?: string;
}

export class ClientPageView {
  @ApiProperty({ type: [ClientView], description: 'Keyed by id.' })
  clients!: ClientView[];

  @ApiProperty({
    nullable: true,
    type: String,
    example: null,
    description: 'Value of `after` for the next page; null on the last one.',
  })
  next!: string | null;
}
