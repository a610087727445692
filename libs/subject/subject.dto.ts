import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsDefined,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator';
import { type RevocationReason, revocationReasons } from './commands/revoke-phone-key.js';
import { compactJws } from './compact-jws.js';
import { issuerDescription } from './identifiers.js';
import { PasskeyOfHolder } from './passkeys.dto.js';
import {
  type IdentifierKind,
  identifierKinds,
  identityBases,
  type IdentityBasis,
} from './subject.events.js';

export class IdentifierOfSubject {
  @ApiProperty({
    enum: identifierKinds,
    example: '111',
    description:
      'Kind of number (GB/T 36903): 001 unified social credit code, 111 resident id number, 411–414 passports, 511 and 516 permits, 999 other.',
  })
  @IsIn(identifierKinds)
  kind!: IdentifierKind;

  @ApiProperty({
    example: '11010519491231002X',
    description: 'The number as printed. Kinds 001 and 111 need a correct check character.',
  })
  @IsString()
  @Length(1, 64)
  number!: string;

  @ApiPropertyOptional({
    type: String,
    example: 'FRA',
    description: issuerDescription,
  })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  issuer?: string;
}

export class IdentifySubjectBody {
  @ApiProperty({ type: IdentifierOfSubject })
  @IsDefined()
  @IsObject()
  @ValidateNested()
  @Type(() => IdentifierOfSubject)
  identifier!: IdentifierOfSubject;

  @ApiProperty({
    enum: identityBases,
    example: 'document',
    description:
      'How the person was identified: by document, by face, or by an authority’s record.',
  })
  @IsIn(identityBases)
  basis!: IdentityBasis;
}

export class IdentifiedSubject {
  @ApiProperty({
    example: 'p5m1tN0c3uWvVQ2m4mXZpg',
    description: 'The id by which this department knows the subject; no other department has it.',
  })
  subject!: string;
}

export class OpenEnrolmentBody {
  @ApiProperty({ type: IdentifierOfSubject })
  @IsDefined()
  @IsObject()
  @ValidateNested()
  @Type(() => IdentifierOfSubject)
  identifier!: IdentifierOfSubject;
}

export class TypedCodeBody {
  @ApiProperty({ example: 'K7QD', description: 'Handle of the terminal: four characters.' })
  @Matches(/^[2-9A-HJKMNP-Z]{4}$/)
  handle!: string;

  @ApiProperty({ example: '04821377', description: 'Eight digits that the terminal shows.' })
  @Matches(/^\d{8}$/)
  digits!: string;
}

export class EnrolmentCode {
  @ApiProperty({
    example: 'xJ8kq2Vn0yZC7b1mR5tWdA',
    description: 'One-time code of the enrolment, for POST /v1/enrolments/offer.',
  })
  code!: string;
}

export class OpenedEnrolment {
  @ApiProperty({ example: 'w0vF4cZtYyq9p4rT1dJZ3w', description: 'Id of the enrolment.' })
  enrolment!: string;

  @ApiProperty({
    example: 'xJ8kq2Vn0yZC7b1mR5tWdA',
    description: 'One-time code for the phone (128 bits). Show it as a QR code; it is not stored.',
  })
  code!: string;

  @ApiProperty({
    type: TypedCodeBody,
    description: 'The same code where it is typed: five tries at most.',
  })
  typed!: TypedCodeBody;

  @ApiProperty({
    example: '2026-11-22T08:10:00.000Z',
    description: 'Until when a phone can use it.',
  })
  expires!: string;
}

export class OfferPhoneKeyBody {
  @ApiProperty({
    example: 'xJ8kq2Vn0yZC7b1mR5tWdA',
    description: 'The code that the window showed.',
  })
  @IsString()
  @Matches(/^[\w-]{22}$/)
  code!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
    description: 'Public JWK of the phone: Ed25519 or P-256.',
  })
  @IsObject()
  jwk!: Record<string, unknown>;

  @ApiProperty({
    example: 'eyJhbGciOiJFZERTQSIsInR5cCI6InBob25lLWtleStqd3MifQ.e30.c2lnbmF0dXJl',
    description:
      'Compact JWS by that key, typ phone-key+jws, over exactly {codeHash, jkt, iat}: SHA-256 of the code in base64url, RFC 7638 thumbprint of the key, whole seconds since 1970 (±60 s).',
  })
  @IsString()
  @Length(20, 8192)
  @Matches(compactJws)
  proof!: string;
}

export class OfferedPhoneKey {
  @ApiProperty({ example: 'w0vF4cZtYyq9p4rT1dJZ3w' })
  enrolment!: string;

  @ApiProperty({
    example: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    description:
      'RFC 7638 thumbprint of the offered key, which the clerk compares with the phone’s display.',
  })
  jkt!: string;
}

export class OfferedKeyBody {
  @ApiProperty({
    example: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    description: 'RFC 7638 thumbprint of the key that the phone offered.',
  })
  @IsString()
  @Matches(/^[\w-]{43}$/)
  jkt!: string;
}

export class OfferedKeyState {
  @ApiProperty({
    example: false,
    description: 'Whether a clerk confirmed the key, and nobody took it back.',
  })
  enrolled!: boolean;
}

export class EnrolmentState {
  @ApiProperty({ example: 'w0vF4cZtYyq9p4rT1dJZ3w' })
  enrolment!: string;

  @ApiProperty({
    type: Number,
    nullable: true,
    example: 5,
    description: 'How often its digits may still be typed; the scanned code works on at 0.',
  })
  typedTriesLeft!: number | null;

  @ApiProperty({ enum: ['opened', 'offered', 'enrolled', 'expired'], example: 'offered' })
  state!: 'opened' | 'offered' | 'enrolled' | 'expired';

  @ApiProperty({
    example: 'p5m1tN0c3uWvVQ2m4mXZpg',
    description: "The subject's id for this department: `sub` of the statement.",
  })
  subject!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    description: 'Thumbprint of the offered key; null until a phone offers one.',
  })
  jkt!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '048213',
    description:
      'Six digits of the offered key. The phone shows the same: compare them before confirming.',
  })
  check!: string | null;

  @ApiProperty({
    example: '2026-11-22T08:10:00.000Z',
    description: 'Until when a phone can offer its key.',
  })
  expires!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '2026-11-22T08:15:00.000Z',
    description: 'Until when the terminal can confirm; null until a phone offers a key.',
  })
  confirmBy!: string | null;
}

export class ConfirmEnrolmentBody {
  @ApiProperty({
    example: 'eyJhbGciOiJFZERTQSIsInR5cCI6ImVucm9sbWVudCtqd3MifQ.e30.c2lnbmF0dXJl',
    description:
      "Compact JWS by the terminal's registered key (kid its thumbprint), typ enrolment+jws, over exactly {sub, enrolment, jkt, iat} (±60 s).",
  })
  @IsString()
  @Length(20, 8192)
  @Matches(compactJws)
  statement!: string;
}

export class ConfirmedEnrolment {
  @ApiProperty({ example: 'w0vF4cZtYyq9p4rT1dJZ3w' })
  enrolment!: string;

  @ApiProperty({
    example: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    description: 'The key that is now enrolled for the subject.',
  })
  jkt!: string;
}

export class RevokePhoneKeyBody {
  @ApiPropertyOptional({
    enum: revocationReasons,
    example: 'lost',
    description: 'Reason; not-wanted by default.',
  })
  @IsOptional()
  @IsIn(revocationReasons)
  reason?: RevocationReason;
}

export class RevokedPhoneKey {
  @ApiProperty({ example: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k' })
  jkt!: string;
}

export class PhoneKeyOfHolder {
  @ApiProperty({ example: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k' })
  jkt!: string;

  @ApiProperty({ enum: ['active', 'revoked'], example: 'active' })
  state!: 'active' | 'revoked';

  @ApiProperty({
    example: 'social-security',
    description: 'The department whose terminal signed the enrolment.',
  })
  department!: string;

  @ApiProperty({ example: true, description: 'Whether it is the key of this request.' })
  asking!: boolean;

  @ApiProperty({ type: [PasskeyOfHolder], description: 'Passkeys that were made beside it.' })
  passkeys!: readonly PasskeyOfHolder[];
}

export class PhoneKeysOfHolder {
  @ApiProperty({ type: [PhoneKeyOfHolder] })
  keys!: PhoneKeyOfHolder[];
}
