import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import { type Action, actions, bases, missingReasons } from '#libs/consent';
import type { JsonValue } from '#libs/kernel';
import { type IdentifierKind, identifierKinds, issuerDescription } from '#libs/subject';

export class IdentifierReadDto {
  @ApiProperty({ description: 'Kind of number, GB/T 36903', enum: identifierKinds, example: '111' })
  @IsIn(identifierKinds)
  kind!: IdentifierKind;

  @ApiProperty({
    description: 'The number as printed',
    example: '11010519491231002X',
    maxLength: 64,
  })
  @IsString()
  @MaxLength(64)
  number!: string;

  @ApiPropertyOptional({ type: String, description: issuerDescription, example: 'FRA' })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  issuer?: string;
}

export class PullReleaseDto {
  @ApiProperty({
    description: 'The consent token that the ledger issued to this terminal',
    example: 'eyJ0eXAiOiJjb25zZW50K2p3dCIsImFsZyI6IkVkRFNBIn0.e30.c2lnbmF0dXJl',
    maxLength: 8192,
  })
  @IsString()
  @MaxLength(8192)
  token!: string;

  @ApiPropertyOptional({
    description:
      'What the data are wanted for, `read` where it is left out; it has to be what the holder agreed to',
    enum: actions,
    example: 'read',
  })
  @IsOptional()
  @IsIn(actions)
  action?: Action;

  @ApiPropertyOptional({
    description:
      'With `print`: the number that the kiosk read from the document by which it opened the case. Without it, the number that a valid certificate of the holder attests is told to the department that makes an e-proof',
    type: () => IdentifierReadDto,
  })
  @IsOptional()
  @ValidateNested()
  @Type(() => IdentifierReadDto)
  identifier?: IdentifierReadDto;
}

export class PurposeDto {
  @ApiProperty({
    description: 'In Chinese',
    example:
      '仅供人社（窗口：window-3）办理“灵活就业人员参保登记”使用 · 2026-11-22 16:03（北京时间） · 办件 b0mC3rWkTq6L1sXvY9zH4g',
  })
  zh!: string;
  @ApiProperty({
    description: 'In English',
    example:
      'Only for 人社 (window: window-3) to handle “Social insurance enrolment of flexibly employed persons” · 2026-11-22 16:03 (Beijing time) · case b0mC3rWkTq6L1sXvY9zH4g',
  })
  en!: string;
}

export class MaterialReleasedDto {
  @ApiProperty({ description: 'Code of the material', example: 'ZZ001' })
  material!: string;
  @ApiProperty({ description: 'Its name', example: '居民身份证' })
  nameZh!: string;
  @ApiProperty({ description: 'Code of the certificate type', example: 'ZZ001' })
  type!: string;
  @ApiProperty({
    description: 'Credit code of the issuing authority',
    example: '11430112000000001P',
  })
  authority!: string;
  @ApiProperty({ description: 'Version of the certificate', example: 1 })
  version!: number;
  @ApiProperty({
    description: 'JWS of the authority, without disclosures',
    example: 'eyJ0eXAiOiJkYytzZC1qd3QiLCJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl',
  })
  signed!: string;
  @ApiProperty({
    description: 'SD-JWT disclosures of the requested fields; the digest of each is in `signed`',
    type: [String],
    example: ['WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STjl3Iiwi5aeT5ZCNIiwi5rWL6K-V55SyIl0'],
  })
  disclosures!: readonly string[];
  @ApiProperty({
    description: 'The same as a map',
    type: 'object',
    additionalProperties: {},
    example: { 姓名: '测试甲', 公民身份号码: '11010519491231002X' },
  })
  fields!: Readonly<Record<string, JsonValue>>;
  @ApiProperty({
    description: 'Requested fields that the certificate lacks',
    type: [String],
    example: [],
  })
  absentFields!: readonly string[];
}

export class MissingDto {
  @ApiProperty({ description: 'Code of the material', example: 'ZZ019' })
  material!: string;
  @ApiProperty({
    description: 'Reason why the paper has to be brought',
    enum: [...missingReasons],
    example: 'holder_has_none',
  })
  reason!: string;
}

export class HandedOverDto {
  @ApiProperty({ description: 'Id of the consent', example: 'Zk3nT0bqVxS8hHqY2cJ4Rw' })
  consent!: string;
  @ApiProperty({ description: 'Id of the case', example: 'b0mC3rWkTq6L1sXvY9zH4g' })
  case!: string;
  @ApiProperty({ description: 'What it may be used for', enum: actions, example: 'read' })
  action!: string;
  @ApiProperty({ description: 'On what ground it is handed over', enum: bases, example: 'consent' })
  basis!: string;
  @ApiProperty({
    description: 'The holder’s id for this department',
    example: 'h3Yv0QmLxW8sPzR1tKdA5g',
  })
  subject!: string;
  @ApiProperty({ description: 'For a watermark', type: () => PurposeDto })
  purpose!: PurposeDto;
  @ApiProperty({ description: 'Materials that are answered', type: () => [MaterialReleasedDto] })
  materials!: readonly MaterialReleasedDto[];
  @ApiProperty({
    description: 'Materials that are not answered, with reasons',
    type: () => [MissingDto],
  })
  missing!: readonly MissingDto[];
}

export class ReleaseRecordDto {
  @ApiProperty({
    description: "Stream of the record: the holder's book",
    example: 'book-1XnA0vJm3sYk2qLzR8tWcg',
  })
  stream!: string;
  @ApiProperty({ description: 'Version in the stream', example: 2 })
  version!: number;
  @ApiProperty({
    description: 'Leaf hash of the record, hexadecimal',
    example: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
  })
  hash!: string;
  @ApiProperty({
    description:
      'The stored record as UTF-8 text; SHA-256(0x00 ‖ these bytes) is its hash. `verifyRelease` of the offline verifier needs this, `handedOver`, the salt and the receipt',
    example:
      '{"actor":{"client":"window-3-terminal"},"city":"city.example","data":{"case":"b0mC3rWkTq6L1sXvY9zH4g"},"id":"…"}',
  })
  bytes!: string;
  @ApiProperty({
    description:
      'The commitment in the record: SHA-256(salt ‖ RFC 8785 of `handedOver`), base64url',
    example: '2jmj7l5rSw0yVb_vlWAYkK_YBwk2jmj7l5rSw0yVb_w',
  })
  commitment!: string;
  @ApiProperty({
    description: 'The salt, base64url; the ledger does not store it',
    example: 'uH2mVt5sQ0yXb3zK8wLrC1eNfA7dJpGoTiMvYqSx4hE',
  })
  salt!: string;
}

export class ReleasedDto {
  @ApiProperty({ description: 'The released data', type: () => HandedOverDto })
  handedOver!: HandedOverDto;
  @ApiProperty({ description: '0 for the release, n for the n-th reading again', example: 0 })
  reading!: number;
  @ApiProperty({
    description: 'Until when this terminal can read the same again, while the case is open',
    example: '2026-11-22T08:33:00.000Z',
  })
  readAgainUntil!: string;
  @ApiProperty({ description: 'Place of the record in the ledger', type: () => ReleaseRecordDto })
  record!: ReleaseRecordDto;
}

export class ReceiptDto {
  @ApiProperty({
    description:
      'Proof that the record is in the sealed log: a C2SP tlog-proof, verified offline by `mianzheng verify receipt`; null if sealing took more than a second',
    nullable: true,
    type: String,
    example: 'c2sp.org/tlog-proof@v1\nextra uU0nuZNNPg…\nindex 7\n…',
  })
  receipt!: string | null;
  @ApiProperty({
    description: 'Path of the receipt, under the latest checkpoint at that time',
    example:
      '/v1/receipts/book-1XnA0vJm3sYk2qLzR8tWcg/2?hash=b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
  })
  at!: string;
}

export class ReceiptedDto extends ReleasedDto {
  @ApiProperty({ description: 'Place of the record in the ledger', type: () => ReceiptDto })
  receipt!: ReceiptDto;
}
