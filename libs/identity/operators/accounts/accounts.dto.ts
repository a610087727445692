import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';

export class BindAccountDto {
  @ApiProperty({
    example: 'eyJ0eXAiOiJvcGVyYXRvci1hY2NvdW50K2p3dCJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl',
    description:
      'As the sign-in page gets it from the city’s issuer, when an operator signed in at the operators’ issuer whose account is not bound yet.',
  })
  @Matches(/^[\w-]{1,1024}\.[\w-]{1,4096}\.[\w-]{1,512}$/)
  statement!: string;
}
