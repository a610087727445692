import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsOptional,
  IsString,
  Length,
  Matches,
} from 'class-validator';
import { IsPlainText } from '#libs/platform';
import { houseName } from '../identity.dto.js';
import type { OperatorRole } from './operators.events.js';
import type { NamedOperator } from './queries/operators.js';
import { operatorRoles } from './roles.js';

export class ChangeOperatorRolesDto {
  @ApiProperty({
    enum: operatorRoles,
    isArray: true,
    example: ['clerk'],
    description: 'All roles from now on.',
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(operatorRoles.length)
  @ArrayUnique()
  @IsIn(operatorRoles, { each: true })
  roles!: OperatorRole[];
}

export class InviteOperatorDto extends ChangeOperatorRolesDto {
  @ApiProperty({ example: '示例·甲', description: 'Name of the person; recorded sealed.' })
  @IsString()
  @Length(1, 64)
  @IsPlainText()
  name!: string;

  @ApiProperty({ example: '人社', description: 'At whose terminals the operator signs in.' })
  @Matches(houseName)
  @IsPlainText()
  department!: string;
}

export class OperatorPageDto {
  @ApiProperty({ required: false, example: '人社', description: 'Only of this department.' })
  @IsOptional()
  @Matches(houseName)
  department?: string;

  @ApiProperty({
    required: false,
    example: 'VwYdZzZk0n4mX8yq1rT7Cg',
    description: 'Only operators whose id comes after it: `next` of the page before.',
  })
  @IsOptional()
  @Matches(/^[\w-]{1,64}$/)
  after?: string;
}

export const operatorStates = ['invited', 'enabled', 'disabled'] as const;

export class OperatorView {
  @ApiProperty({ example: 'VwYdZzZk0n4mX8yq1rT7Cg', description: 'As records name the operator.' })
  operator!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '示例·甲',
    description: 'Null once the name was erased.',
  })
  name!: string | null;

  @ApiProperty({ example: '人社' })
  department!: string;

  @ApiProperty({ enum: operatorRoles, isArray: true, example: ['clerk'] })
  roles!: readonly OperatorRole[];

  @ApiProperty({
    enum: operatorStates,
    example: 'enabled',
    description: 'invited: has no passkey and no account yet, and cannot sign in.',
  })
  state!: (typeof operatorStates)[number];

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
    description: 'Until when the open invitation can be used.',
  })
  invitedUntil!: string | null;

  static of({ enabled, passkey, account, ...found }: NamedOperator): OperatorView {
    const { operator, name, department, roles, invitedUntil } = found;
    const isInvited = passkey === null && account === null;
    const state = !enabled ? 'disabled' : isInvited ? 'invited' : 'enabled';
    return Object.assign(new OperatorView(), {
      operator,
      name,
      department,
      roles,
      state,
      invitedUntil,
    });
  }
}

export class InvitedOperatorView extends OperatorView {
  @ApiProperty({
    example: 'VwYdZzZk0n4mX8yq1rT7Cg.q3X7vN0s2kJ4mP8wR1tY6z',
    description:
      'Returned once. The operator opens /sign-in#invitation=… with it at a terminal of the department, and makes a passkey there, or binds an account at the operators’ issuer.',
  })
  invitation!: string;
}

export class OperatorPageView {
  @ApiProperty({ type: [OperatorView] })
  operators!: OperatorView[];

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'The id after which the next page begins; null on the last.',
  })
  next!: string | null;
}
