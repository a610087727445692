import { ApiProperty } from '@nestjs/swagger';
import { IsObject, Matches } from 'class-validator';

const binary = 'Y3JlZGVudGlhbA';

export class PasskeyInvitationDto {
  @ApiProperty({
    example: 'VwYdZzZk0n4mX8yq1rT7Cg.q3X7vN0s2kJ4mP8wR1tY6z',
    description: 'As POST /v1/operators returned it.',
  })
  @Matches(/^[\w-]{22}\.[\w-]{22}$/)
  invitation!: string;
}

export class AddPasskeyDto extends PasskeyInvitationDto {
  @ApiProperty({
    type: Object,
    example: {
      id: binary,
      rawId: binary,
      type: 'public-key',
      response: { clientDataJSON: 'e30', attestationObject: 'oA', transports: ['internal'] },
      clientExtensionResults: {},
    },
    description:
      'RegistrationResponseJSON of Web Authentication Level 3: `toJSON()` of the new credential.',
  })
  @IsObject()
  credential!: Record<string, unknown>;
}

export class PasskeyCreationView {
  @ApiProperty({
    type: Object,
    description: 'PublicKeyCredentialCreationOptionsJSON of Web Authentication Level 3.',
  })
  publicKey!: Record<string, unknown>;
}
