import { ApiProperty } from '@nestjs/swagger';
import {
  Matches,
  Validate,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';

export class LogOriginDto {
  @ApiProperty({
    description: 'The first line of each checkpoint, and `city` of each record',
    example: 'trial.city.example',
  })
  origin!: string;
  @ApiProperty({
    description: 'Whether the origin begins with `trial.`: then nothing here is of a real city',
    example: true,
  })
  trial!: boolean;
}

export class ReceiptQueryDto {
  @ApiProperty({
    description: 'Leaf hash of the record, hexadecimal; without it there is no receipt',
    example: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
  })
  @Matches(/^[0-9a-f]{64}$/)
  hash!: string;
}

/** A version is four bytes in the database, so that larger ones are refused before a query. */
@ValidatorConstraint({ name: 'isVersion' })
class IsVersion implements ValidatorConstraintInterface {
  validate(version: unknown): boolean {
    return /^(0|[1-9]\d{0,9})$/.test(String(version)) && Number(version) <= 2_147_483_647;
  }
  defaultMessage(): string {
    return 'version must be a whole number up to 2147483647';
  }
}

export class ReceiptPathDto {
  @ApiProperty({ description: 'Stream of the record', example: 'book-1XnA0vJm3sYk2qLzR8tWcg' })
  @Matches(/^[a-z]{1,20}-[\w.-]{1,100}$/)
  stream!: string;

  @ApiProperty({ description: 'Version in the stream', example: 2 })
  @Validate(IsVersion)
  version!: string;
}
