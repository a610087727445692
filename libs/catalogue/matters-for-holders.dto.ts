import { ApiProperty, OmitType } from '@nestjs/swagger';
import { ExemptionDto, MatterDto } from './catalogue.dto.js';
import { participantRoles } from './roles.js';

export class FieldNameDto {
  @ApiProperty({ example: '公民身份号码' })
  key!: string;

  @ApiProperty({
    required: false,
    example: 'Citizen identity number',
    description: 'Absent if the catalogue has none.',
  })
  nameEn?: string;
}

export class NamedAnswerDto {
  @ApiProperty({ example: 'ZZ001', description: 'A certificate type that answers the material.' })
  type!: string;

  @ApiProperty({ example: '居民身份证' })
  nameZh!: string;

  @ApiProperty({ example: 'Resident Identity Card' })
  nameEn!: string;

  @ApiProperty({ example: '公安', description: 'The department that issues it.' })
  department!: string;

  @ApiProperty({
    required: false,
    example: 'Public Security',
    description: 'Absent if the catalogue has none.',
  })
  departmentEn?: string;

  @ApiProperty({
    enum: Object.keys(participantRoles),
    example: 'applicant',
    description: 'The subject of the certificate.',
  })
  whose!: string;

  @ApiProperty({ type: [FieldNameDto], description: 'The fields that the matter needs.' })
  fields!: readonly FieldNameDto[];
}

export class MaterialForHoldersDto extends OmitType(ExemptionDto, ['answers']) {
  @ApiProperty({
    type: [NamedAnswerDto],
    description:
      'Of the same role: alternatives. Of different roles: all needed, from each participant.',
  })
  answers!: readonly NamedAnswerDto[];
}

export class MatterForHoldersDto extends OmitType(MatterDto, ['materials']) {
  @ApiProperty({ example: 1, description: '0 if there are no rules.' })
  ruleVersion!: number;

  @ApiProperty({ example: true, description: 'No department has confirmed the rules yet.' })
  indicative!: boolean;

  @ApiProperty({ type: [MaterialForHoldersDto] })
  materials!: readonly MaterialForHoldersDto[];
}
