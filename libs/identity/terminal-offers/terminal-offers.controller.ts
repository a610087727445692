import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { type CommandContext, freshId } from '#libs/event-store';
import { Clock } from '#libs/kernel';
import { ForAnyone, Settings } from '#libs/platform';
import { keyDigits } from '#libs/verify';
import { ClientDirectory } from '../caller.js';
import { ClientClaims } from '../client-claims.js';
import { Requires, TheCommand } from '../http/access.js';
import { readPublicKey } from '../jwk.js';
import { provedKey } from '../key-proof.js';
import { handleOf, handleOfInvitation } from './handle.js';
import {
  OfferedTerminal,
  OfferTerminalDto,
  TerminalDetailsDto,
  TerminalOfferState,
  TerminalOfferView,
  TerminalProofDto,
  TerminalTicketDto,
} from './terminal-offers.dto.js';
import { type TerminalOffer, TerminalOfferConflict, TerminalOffers } from './terminal-offers.js';

const handle = {
  name: 'handle',
  description: 'Eight characters that the browser shows.',
  example: 'K7QD42XM',
};

/**
 * How a browser becomes a terminal: it shows a handle, an administrator enters its details, its key
 * signs them, and the administrator registers it like any client.
 */
@ApiTags('terminals')
@Controller('v1/terminal-offers')
export class TerminalOffersController {
  constructor(
    private readonly offers: TerminalOffers,
    private readonly clock: Clock,
    private readonly clients: ClientDirectory,
    private readonly claims: ClientClaims,
    private readonly settings: Settings,
  ) {}

  @Post()
  @ForAnyone()
  @ApiOperation({ summary: 'Offer a browser as a terminal' })
  @ApiCreatedResponse({ type: OfferedTerminal })
  async offer(
    @TheCommand() context: CommandContext,
    @Body() { jwk, invitation }: OfferTerminalDto,
  ): Promise<OfferedTerminal> {
    const key = readPublicKey(jwk);
    const ticket = freshId(context, 'terminal-ticket');
    const found =
      invitation == null
        ? handleOf(freshId(context, 'terminal-handle'))
        : handleOfInvitation(invitation);
    const offer = { handle: found, jkt: key.jkt, jwk: key.jwk };
    const expires = await this.offers.put(offer, ticket, context.now);
    return { handle: found, check: keyDigits('terminal', key.jkt), ticket, expires };
  }

  @Post('state')
  @HttpCode(200)
  @ForAnyone()
  @ApiOperation({ summary: 'State of the browser’s own offer' })
  @ApiOkResponse({ type: TerminalOfferState })
  async state(@Body() { ticket }: TerminalTicketDto): Promise<TerminalOfferState> {
    return this.stateOf(await this.offers.byTicket(ticket, this.clock.now()));
  }

  @Post('proof')
  @HttpCode(200)
  @ForAnyone()
  @ApiOperation({ summary: 'Sign the administrator’s description of the terminal' })
  @ApiOkResponse({ type: TerminalOfferState })
  async prove(
    @TheCommand() context: CommandContext,
    @Body() { ticket, proof }: TerminalProofDto,
  ): Promise<TerminalOfferState> {
    const offer = await this.offers.byTicket(ticket, context.now);
    if (offer.details === null)
      throw new TerminalOfferConflict(
        'terminal_offer_waiting',
        'no administrator has said yet what the terminal is',
      );
    const { jwk, details } = offer;
    // Judged now, so that the administrator gets none that a registration would refuse.
    provedKey(
      { jwk, proof },
      { kind: 'terminal', ...details, authority: null },
      { city: this.settings.city, at: context.now },
    );
    await this.offers.prove(offer.handle, { proof, details }, context.now);
    return this.stateOf({ ...offer, proof });
  }

  @Get(':handle')
  @Requires('clients:manage')
  @ApiOperation({ summary: 'Find the offer of a browser that shows this handle' })
  @ApiParam(handle)
  @ApiOkResponse({ type: TerminalOfferView })
  async find(@Param('handle') shown: string): Promise<TerminalOfferView> {
    return this.viewOf(await this.offers.byHandle(shown, this.clock.now()));
  }

  @Post(':handle/details')
  @HttpCode(200)
  @Requires('clients:manage')
  @ApiOperation({ summary: 'Describe the terminal; its key then signs the description' })
  @ApiParam(handle)
  @ApiOkResponse({ type: TerminalOfferView })
  async describe(
    @Param('handle') shown: string,
    @Body() { name, department, window, town }: TerminalDetailsDto,
  ): Promise<TerminalOfferView> {
    const details = { name, department, window, town: town ?? null };
    return this.viewOf(await this.offers.describe(shown, details, this.clock.now()));
  }

  private async viewOf(offer: TerminalOffer): Promise<TerminalOfferView> {
    const { handle: found, jkt, jwk, proof } = offer;
    const { state, details, client } = await this.stateOf(offer);
    return { handle: found, check: keyDigits('terminal', jkt), state, details, client, jwk, proof };
  }

  private async stateOf({ jkt, details, proof }: TerminalOffer): Promise<TerminalOfferState> {
    const client = await this.claims.holderOf({ key: jkt });
    const registered = client === null ? null : await this.clients.find(client);
    if (registered?.keys.some(({ kid }) => kid === jkt) === true)
      return { state: 'registered', details, client };
    if (proof !== null) return { state: 'proved', details, client: null };
    return { state: details === null ? 'waiting' : 'described', details, client: null };
  }
}
