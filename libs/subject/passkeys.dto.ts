import { ApiProperty } from '@nestjs/swagger';
import { IsObject, IsString, Length, Matches } from 'class-validator';
import { compactJws } from './compact-jws.js';

const binary = 'Y3JlZGVudGlhbA';
const jkt = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k';
const statement = 'eyJhbGciOiJFUzI1NiIsInR5cCI6InBhc3NrZXkrandzIn0.e30.c2lnbmF0dXJl';

export class HolderPasskeyOptions {
  @ApiProperty({
    type: Object,
    description: 'PublicKeyCredentialCreationOptionsJSON of Web Authentication Level 3.',
  })
  publicKey!: Record<string, unknown>;
}

export class AddHolderPasskeyBody {
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
      'RegistrationResponseJSON of Web Authentication Level 3: `toJSON()` of the new credential. Its key is of ES256 or EdDSA.',
  })
  @IsObject()
  credential!: Record<string, unknown>;

  @ApiProperty({
    example: statement,
    description:
      'Compact JWS by the key of the phone (kid its thumbprint), typ passkey+jws, over exactly {credential, jkt, rpId, iat}: the id of the credential, the RFC 7638 thumbprint of its key, the RP ID (±60 s).',
  })
  @IsString()
  @Length(20, 8192)
  @Matches(compactJws)
  statement!: string;
}

export class AddedHolderPasskey {
  @ApiProperty({ example: jkt, description: 'Thumbprint of the passkey’s key.' })
  jkt!: string;
}

export class PasskeyOfHolder {
  @ApiProperty({ example: jkt, description: 'Thumbprint of the passkey’s key.' })
  jkt!: string;

  @ApiProperty({
    type: Object,
    example: {
      kty: 'EC',
      crv: 'P-256',
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    },
    description: 'Its public key.',
  })
  jwk!: Record<string, unknown>;

  @ApiProperty({ example: binary, description: 'The id by which the authenticator knows it.' })
  credential!: string;

  @ApiProperty({ example: 'city.example', description: 'The RP ID that it was made for.' })
  rpId!: string;

  @ApiProperty({ example: ['internal'], type: [String], description: 'Hints for its next use.' })
  transports!: readonly string[];

  @ApiProperty({ enum: ['active', 'revoked'], example: 'active' })
  state!: 'active' | 'revoked';

  @ApiProperty({
    example: statement,
    description: 'What the key of the phone signed for it: the phone can check its own word.',
  })
  statement!: string;
}
