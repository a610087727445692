import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import { type PaperDimension, paperDimensions } from './queries/papers.js';
import { type StatisticDimension, statisticDimensions } from './queries/statistics.js';

const day = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

class DaysDto {
  @ApiProperty({ description: 'First day (Asia/Shanghai)', example: '2026-11-01' })
  @Matches(day)
  from!: string;
  @ApiProperty({ description: 'Last day', example: '2026-11-30' })
  @Matches(day)
  to!: string;
}

export class StatisticsQueryDto extends DaysDto {
  @ApiPropertyOptional({
    description: 'Dimension to count by',
    enum: statisticDimensions,
    default: 'day',
    example: 'type',
  })
  @IsOptional()
  @IsIn(statisticDimensions)
  by?: StatisticDimension;
}

export class CountsDto {
  @ApiProperty({ description: 'Materials answered by a release', example: 12 })
  exemptions!: number;
  @ApiProperty({ description: 'Certificates released', example: 12 })
  releases!: number;
  @ApiProperty({ description: 'Repeated readings of released certificates', example: 1 })
  readings!: number;
}

export class StatisticRowDto extends CountsDto {
  @ApiProperty({
    description: 'Value of the dimension; a window is prefixed with its department: 人社/window-3',
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

export class PapersQueryDto extends DaysDto {
  @ApiPropertyOptional({
    description: 'Dimension to count by',
    enum: paperDimensions,
    default: 'reason',
    example: 'reason',
  })
  @IsOptional()
  @IsIn(paperDimensions)
  by?: PaperDimension;
}

export class PaperRowDto {
  @ApiProperty({
    description:
      'Value of the dimension: a reason is one of those with which a paper is recorded; a window is prefixed with its department',
    example: 'no_phone',
  })
  key!: string;
  @ApiProperty({ description: 'Papers brought', example: 12 })
  papers!: number;
}

export class PapersDto {
  @ApiProperty({ description: 'First day', example: '2026-11-01' })
  from!: string;
  @ApiProperty({ description: 'Last day', example: '2026-11-30' })
  to!: string;
  @ApiProperty({ description: 'Dimension', enum: paperDimensions, example: 'reason' })
  by!: string;
  @ApiProperty({ description: 'All papers of these days', example: 12 })
  total!: number;
  @ApiProperty({ description: 'Counts by the dimension, most first', type: () => [PaperRowDto] })
  rows!: readonly PaperRowDto[];
}
