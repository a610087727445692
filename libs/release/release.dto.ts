import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import type { JsonValue } from '#libs/kernel';
import { type StatisticDimension, statisticDimensions } from './queries/statistics.js';

export class PullReleaseDto {
  @ApiProperty({
    description: 'The consent token that the ledger minted for this terminal',
    example: 'eyJ0eXAiOiJjb25zZW50K2p3dCIsImFsZyI6IkVkRFNBIn0.e30.c2lnbmF0dXJl',
    maxLength: 8192,
  })
  @IsString()
  @MaxLength(8192)
  token!: string;
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
    description: "The authority's JWS, without disclosures",
    example: 'eyJ0eXAiOiJkYytzZC1qd3QiLCJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl',
  })
  signed!: string;
  @ApiProperty({
    description: "SD-JWT disclosures of the fields asked for; each one's digest stands in `signed`",
    type: [String],
    example: ['WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STjl3Iiwi5aeT5ZCNIiwi5rWL6K-V55SyIl0'],
  })
  disclosures!: readonly string[];
  @ApiProperty({
    description: 'The same as a plain map',
    type: 'object',
    additionalProperties: {},
    example: { 姓名: '测试甲', 公民身份号码: '11010519491231002X' },
  })
  fields!: Readonly<Record<string, JsonValue>>;
  @ApiProperty({
    description: 'Fields asked for that the certificate does not have',
    type: [String],
    example: [],
  })
  absentFields!: readonly string[];
}

export class MissingDto {
  @ApiProperty({ description: 'Code of the material', example: 'ZZ019' })
  material!: string;
  @ApiProperty({
    description: 'Why it has to be brought',
    enum: [
      'holder_has_none',
      'fields_absent',
      'certificate_suspended',
      'certificate_revoked',
      'certificate_cancelled',
      'certificate_expired',
      'certificate_not_yet_valid',
    ],
    example: 'holder_has_none',
  })
  reason!: string;
}

export class HandedOverDto {
  @ApiProperty({ description: 'Id of the consent', example: 'Zk3nT0bqVxS8hHqY2cJ4Rw' })
  consent!: string;
  @ApiProperty({ description: 'Id of the case', example: 'b0mC3rWkTq6L1sXvY9zH4g' })
  case!: string;
  @ApiProperty({
    description: 'The holder, under the name that this department knows',
    example: 'h3Yv0QmLxW8sPzR1tKdA5g',
  })
  subject!: string;
  @ApiProperty({ description: 'For a watermark', type: () => PurposeDto })
  purpose!: PurposeDto;
  @ApiProperty({ description: 'What is answered', type: () => [MaterialReleasedDto] })
  materials!: readonly MaterialReleasedDto[];
  @ApiProperty({ description: 'What is not, and why', type: () => [MissingDto] })
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
      'The record as it is stored, UTF-8 text: SHA-256(0x00 ‖ these bytes) is the hash. With `handedOver`, the salt and the receipt `verifyRelease` of the offline verifier needs nothing else',
    example:
      '{"actor":{"client":"window-3-terminal"},"city":"city.example","data":{"case":"b0mC3rWkTq6L1sXvY9zH4g"},"id":"…"}',
  })
  bytes!: string;
  @ApiProperty({
    description: 'What the record holds: SHA-256(salt ‖ RFC 8785 of `handedOver`), base64url',
    example: '2jmj7l5rSw0yVb_vlWAYkK_YBwk2jmj7l5rSw0yVb_w',
  })
  commitment!: string;
  @ApiProperty({
    description: 'The salt, base64url: kept by nobody but the receiver',
    example: 'uH2mVt5sQ0yXb3zK8wLrC1eNfA7dJpGoTiMvYqSx4hE',
  })
  salt!: string;
}

export class ReleasedDto {
  @ApiProperty({ description: 'What is handed over', type: () => HandedOverDto })
  handedOver!: HandedOverDto;
  @ApiProperty({ description: '0 for the release, n for the n-th reading again', example: 0 })
  reading!: number;
  @ApiProperty({
    description: 'Until when this terminal can read the same again, while the case is open',
    example: '2026-11-22T08:33:00.000Z',
  })
  readAgainUntil!: string;
  @ApiProperty({ description: 'Where in the ledger it stands', type: () => ReleaseRecordDto })
  record!: ReleaseRecordDto;
}

export class ReceiptDto {
  @ApiProperty({
    description:
      'Proof that the record is in the sealed log: a C2SP tlog-proof, verified offline by `mianzheng verify receipt`; null where the seal took over a second',
    nullable: true,
    type: String,
    example: 'c2sp.org/tlog-proof@v1\nextra uU0nuZNNPg…\nindex 7\n…',
  })
  receipt!: string | null;
  @ApiProperty({
    description: 'Where it can be fetched at any time, under the then latest checkpoint',
    example:
      '/v1/receipts/book-1XnA0vJm3sYk2qLzR8tWcg/2?hash=b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
  })
  at!: string;
}

export class ReceiptedDto extends ReleasedDto {
  @ApiProperty({ description: 'That it stands there for good', type: () => ReceiptDto })
  receipt!: ReceiptDto;
}

const day = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

export class StatisticsQueryDto {
  @ApiProperty({ description: 'First day, Asia/Shanghai', example: '2026-11-01' })
  @Matches(day)
  from!: string;
  @ApiProperty({ description: 'Last day', example: '2026-11-30' })
  @Matches(day)
  to!: string;
  @ApiPropertyOptional({
    description: 'What to count by',
    enum: statisticDimensions,
    default: 'day',
    example: 'type',
  })
  @IsOptional()
  @IsIn(statisticDimensions)
  by?: StatisticDimension;
}

export class CountsDto {
  @ApiProperty({ description: 'Materials that a release answered', example: 12 })
  exemptions!: number;
  @ApiProperty({ description: 'Certificates handed over', example: 12 })
  releases!: number;
  @ApiProperty({ description: 'Certificates read again', example: 1 })
  readings!: number;
}

export class StatisticRowDto extends CountsDto {
  @ApiProperty({
    description: 'Value of the dimension; of a window, its department before it: 人社/window-3',
    example: 'ZZ001',
  })
  key!: string;
}

export class StatisticsDto {
  @ApiProperty({ description: 'First day', example: '2026-11-01' })
  from!: string;
  @ApiProperty({ description: 'Last day', example: '2026-11-30' })
  to!: string;
  @ApiProperty({ description: 'Dimension', enum: statisticDimensions, example: 'type' })
  by!: string;
  @ApiProperty({ description: 'Sums', type: () => CountsDto })
  totals!: CountsDto;
  @ApiProperty({ description: 'Counts by the dimension', type: () => [StatisticRowDto] })
  rows!: readonly StatisticRowDto[];
}
