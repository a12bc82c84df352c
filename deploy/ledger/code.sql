-- Deploy mqk:ledger/code to pg
-- built from sql/ledger by `make code`: edit there

begin;

set local role mqk_owner;

create or replace function ledger.open_portfolio(
    p_run_id      uuid,
    p_cash_micros bigint,
    p_now_at      timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    insert into ledger.entries (
        run_id, entry_seq, entry_kind, deposit_delta_micros, cash_delta_micros, cost_delta_micros,
        realized_delta_micros, fee_delta_micros, deposits_micros, cash_micros, cost_micros,
        realized_micros, fees_micros, booked_at)
    values (p_run_id, 1, 'DEPOSIT', p_cash_micros, p_cash_micros, 0, 0, 0, p_cash_micros,
            p_cash_micros, 0, 0, 0, p_now_at);
    insert into ledger.portfolios (
        run_id, entry_seq, deposits_micros, cash_micros, cost_micros, realized_micros, fees_micros)
    values (p_run_id, 1, p_cash_micros, p_cash_micros, 0, 0, 0);
    perform audit.append_event(
        p_run_id, 'LEDGER', 'PORTFOLIO_OPENED', jsonb_build_object('cash_micros', p_cash_micros),
        p_now_at);
end;
$function$;

comment on function ledger.open_portfolio(uuid, bigint, timestamptz) is
$$Opens the books of a run with its opening cash, in micros.
Raises: 23505 opened already.$$;

create or replace view ledger.standing_fills as
select f.*
  from ledger.fills as f
 where f.reverses_seq is null
   and not exists (select from ledger.fills as r
                    where r.run_id = f.run_id and r.reverses_seq = f.fill_seq);

comment on view ledger.standing_fills is
$$Fills that count: neither a reversal nor reversed.$$;

create or replace function ledger.compute_close_qty(
    p_open_qty bigint,
    p_left_qty bigint
)
returns bigint
language sql
immutable
parallel safe
return case when sign(p_open_qty) = -sign(p_left_qty)
            then sign(p_open_qty)::bigint * least(abs(p_open_qty), abs(p_left_qty)) else 0 end;

comment on function ledger.compute_close_qty(bigint, bigint) is
$$How many shares of an open lot, signed as the lot, a fill of p_left_qty signed shares closes.$$;

create or replace function ledger.match_lots(
    p_fill     ledger.fills,
    p_match_no bigint,
    p_queue_no bigint,
    out realized_micros bigint,
    out cost_micros     bigint
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_lot   ledger.lots;
    v_left  bigint := p_fill.fill_qty;
    v_close bigint;
begin
    realized_micros := 0;
    cost_micros := 0;
    for v_lot in
        select l.* from ledger.lots as l
         where l.run_id = p_fill.run_id and l.symbol = p_fill.symbol and l.match_no = p_match_no
           and l.open_qty <> 0 and sign(l.open_qty) = -sign(p_fill.fill_qty)
         order by l.queue_no
           for update
    loop
        exit when v_left = 0;
        v_close := ledger.compute_close_qty(v_lot.open_qty, v_left);
        insert into ledger.lot_closes (
            run_id, symbol, match_no, fill_seq, fill_queue_no, lot_seq, lot_queue_no, closed_qty,
            entry_price_micros, exit_price_micros, closed_at)
        values (p_fill.run_id, p_fill.symbol, p_match_no, p_fill.fill_seq, p_queue_no, v_lot.lot_seq,
                v_lot.queue_no, v_close, v_lot.entry_price_micros, p_fill.price_micros,
                p_fill.booked_at);
        update ledger.lots as l set open_qty = l.open_qty - v_close
         where l.run_id = p_fill.run_id and l.symbol = p_fill.symbol and l.match_no = p_match_no
           and l.lot_seq = v_lot.lot_seq;
        realized_micros := realized_micros
                           + v_close * (p_fill.price_micros - v_lot.entry_price_micros);
        cost_micros := cost_micros - v_close * v_lot.entry_price_micros;
        v_left := v_left + v_close;
    end loop;
    if v_left <> 0 then
        insert into ledger.lots (
            run_id, symbol, match_no, lot_seq, queue_no, opened_qty, open_qty, entry_price_micros,
            opened_at)
        values (p_fill.run_id, p_fill.symbol, p_match_no, p_fill.fill_seq, p_queue_no, v_left, v_left,
                p_fill.price_micros, p_fill.booked_at);
        cost_micros := cost_micros + v_left * p_fill.price_micros;
    end if;
end;
$function$;

comment on function ledger.match_lots(ledger.fills, bigint, bigint) is
$$Closes the oldest lots on the other side first, opens a lot with what is left; gives the realised
profit and the change of the cost basis, in micros. p_queue_no: the fill's place in the matching.
Why: FIFO; long and short lots of a symbol never stand together.$$;

create or replace function ledger.rematch_lots(
    p_run_id   uuid,
    p_symbol   text,
    p_match_no bigint,
    out realized_micros bigint,
    out cost_micros     bigint
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_fill  ledger.fills;
    v_queue bigint := 0;
    v_moved record;
begin
    realized_micros := 0;
    cost_micros := 0;
    for v_fill in
        select f.* from ledger.standing_fills as f
         where f.run_id = p_run_id and f.symbol = p_symbol
         order by f.executed_at, f.execution_id collate "C"
    loop
        v_queue := v_queue + 1;
        v_moved := ledger.match_lots(v_fill, p_match_no, v_queue);
        realized_micros := realized_micros + v_moved.realized_micros;
        cost_micros := cost_micros + v_moved.cost_micros;
    end loop;
end;
$function$;

comment on function ledger.rematch_lots(uuid, text, bigint) is
$$Matches all fills of a symbol that still stand anew, in the order in which they were executed, as the
matching p_match_no; gives its realised profit and cost basis in micros. Earlier matchings stay.
Why: lots must not depend on the order in which messages came, nor on a fill that was taken back.$$;

create or replace function ledger.is_newest_fill(
    p_fill ledger.fills
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select not exists (
        select from ledger.standing_fills as f
         where f.run_id = p_fill.run_id and f.symbol = p_fill.symbol
           and f.executed_at >= p_fill.executed_at
           and (f.executed_at > p_fill.executed_at
                or f.execution_id collate "C" > p_fill.execution_id)
           and f.fill_seq <> p_fill.fill_seq);
$function$;

comment on function ledger.is_newest_fill(ledger.fills) is
$$True when no standing fill of the symbol was executed later; ties by execution id.$$;

create or replace function ledger.get_next_seq(
    p_run_id uuid
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(max(f.fill_seq), 0) + 1 from ledger.fills as f where f.run_id = p_run_id;
$function$;

comment on function ledger.get_next_seq(uuid) is
$$The number of a run's next fill. The caller holds the run's portfolio row.$$;

create or replace function ledger.carry_entry(
    p_entry    ledger.entries,
    p_fill     ledger.fills,
    p_match_no bigint
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    update ledger.portfolios as p
       set entry_seq       = p_entry.entry_seq,
           cash_micros     = p_entry.cash_micros,
           cost_micros     = p_entry.cost_micros,
           realized_micros = p_entry.realized_micros,
           fees_micros     = p_entry.fees_micros
     where p.run_id = p_entry.run_id;

    insert into ledger.positions (
        run_id, symbol, match_no, position_qty, cost_micros, realized_micros, changed_at)
    values (p_entry.run_id, p_fill.symbol, p_match_no, p_fill.fill_qty, p_entry.cost_delta_micros,
            p_entry.realized_delta_micros, p_entry.booked_at)
    on conflict (run_id, symbol) do update
       set match_no        = excluded.match_no,
           position_qty    = positions.position_qty + excluded.position_qty,
           cost_micros     = positions.cost_micros + excluded.cost_micros,
           realized_micros = positions.realized_micros + excluded.realized_micros,
           changed_at      = excluded.changed_at;
$function$;

comment on function ledger.carry_entry(ledger.entries, ledger.fills, bigint) is
$$Carries a fill's entry to the run's portfolio and to the symbol's position.$$;

create or replace function ledger.post_entry(
    p_fill ledger.fills
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_held  ledger.positions;
    v_moved record;
    v_entry ledger.entries;
    v_cash  bigint := -p_fill.fill_qty * p_fill.price_micros - p_fill.fee_micros;
begin
    select coalesce(max(p.match_no), 1), coalesce(max(p.cost_micros), 0),
           coalesce(max(p.realized_micros), 0)
      into v_held.match_no, v_held.cost_micros, v_held.realized_micros
      from ledger.positions as p
     where p.run_id = p_fill.run_id and p.symbol = p_fill.symbol;
    if p_fill.reverses_seq is null and ledger.is_newest_fill(p_fill) then
        v_moved := ledger.match_lots(p_fill, v_held.match_no, p_fill.fill_seq);
    else
        v_held.match_no := v_held.match_no + 1;
        select m.realized_micros - v_held.realized_micros as realized_micros,
               m.cost_micros - v_held.cost_micros as cost_micros
          into v_moved
          from ledger.rematch_lots(p_fill.run_id, p_fill.symbol, v_held.match_no) as m;
    end if;
    insert into ledger.entries (
        run_id, entry_seq, entry_kind, fill_seq, deposit_delta_micros, cash_delta_micros,
        cost_delta_micros, realized_delta_micros, fee_delta_micros, deposits_micros, cash_micros,
        cost_micros, realized_micros, fees_micros, booked_at)
    select p_fill.run_id, p.entry_seq + 1,
           case when p_fill.reverses_seq is null then 'FILL' else 'REVERSAL' end, p_fill.fill_seq,
           0, v_cash, v_moved.cost_micros, v_moved.realized_micros, p_fill.fee_micros,
           p.deposits_micros, p.cash_micros + v_cash, p.cost_micros + v_moved.cost_micros,
           p.realized_micros + v_moved.realized_micros, p.fees_micros + p_fill.fee_micros,
           p_fill.booked_at
      from ledger.portfolios as p
     where p.run_id = p_fill.run_id
    returning * into v_entry;
    perform ledger.carry_entry(v_entry, p_fill, v_held.match_no);
    perform audit.append_event(
        p_fill.run_id, 'LEDGER', p_fill.fill_kind || '_BOOKED',
        jsonb_build_object(
            'fill_seq', p_fill.fill_seq, 'execution_id', p_fill.execution_id,
            'client_order_id', p_fill.client_order_id, 'symbol', p_fill.symbol,
            'fill_qty', p_fill.fill_qty, 'price_micros', p_fill.price_micros,
            'fee_micros', p_fill.fee_micros, 'realized_micros', v_moved.realized_micros,
            'cash_micros', v_entry.cash_micros, 'match_no', v_held.match_no,
            'is_late', p_fill.is_late, 'reverses_seq', p_fill.reverses_seq,
            'corrects_seq', p_fill.corrects_seq),
        p_fill.booked_at);
end;
$function$;

comment on function ledger.post_entry(ledger.fills) is
$$Makes the entry of a booked row: lots, balances, position, diary. A fill that is the symbol's newest
goes on with the matching that stands; a reversal, and a fill executed before one booked already,
match the symbol anew.
Raises: 22003 overflow; 23514 a named rule.$$;

create or replace function ledger.post_fill(
    p_run_id          uuid,
    p_account_id      text,
    p_execution_id    text,
    p_client_order_id text,
    p_symbol          text,
    p_fill_qty        bigint,
    p_price_micros    bigint,
    p_fee_micros      bigint,
    p_is_late         boolean,
    p_corrects_seq    bigint,
    p_executed_at     timestamptz,
    p_now_at          timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_fill ledger.fills;
begin
    perform from ledger.portfolios as p where p.run_id = p_run_id for update;
    insert into ledger.fills (
        run_id, fill_seq, account_id, execution_id, client_order_id, symbol, fill_qty, price_micros,
        fee_micros, is_late, corrects_seq, executed_at, booked_at)
    values (p_run_id, ledger.get_next_seq(p_run_id), p_account_id, p_execution_id, p_client_order_id,
            p_symbol, p_fill_qty, p_price_micros, p_fee_micros, p_is_late, p_corrects_seq,
            p_executed_at, p_now_at)
    returning * into v_fill;
    perform ledger.post_entry(v_fill);
    return v_fill.fill_seq;
end;
$function$;

comment on function ledger.post_fill(
    uuid, text, text, text, text, bigint, bigint, bigint, boolean, bigint, timestamptz,
    timestamptz) is
$$Books one execution: fill, lots, entry, position and portfolio; gives its fill_seq.
p_fill_qty signed (plus bought), price and fee in micros; p_corrects_seq: the reversed fill that this
one replaces, or null.
Why: money that moved is always booked, in one transaction, and balances to the micro.
Raises: 23505 an execution booked already; 22003 overflow; 23514 a named rule.$$;

create or replace function ledger.post_reversal(
    p_run_id      uuid,
    p_fill_seq    bigint,
    p_executed_at timestamptz,
    p_now_at      timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_fill ledger.fills;
begin
    perform from ledger.portfolios as p where p.run_id = p_run_id for update;
    insert into ledger.fills (
        run_id, fill_seq, account_id, execution_id, client_order_id, symbol, fill_qty, price_micros,
        fee_micros, is_late, reverses_seq, executed_at, booked_at)
    select f.run_id, ledger.get_next_seq(p_run_id), f.account_id, f.execution_id || '/reversed',
           f.client_order_id, f.symbol, -f.fill_qty, f.price_micros, -f.fee_micros, f.is_late,
           f.fill_seq, p_executed_at, p_now_at
      from ledger.fills as f
     where f.run_id = p_run_id and f.fill_seq = p_fill_seq
    returning * into strict v_fill;
    perform ledger.post_entry(v_fill);
    return v_fill.fill_seq;
end;
$function$;

comment on function ledger.post_reversal(uuid, bigint, timestamptz, timestamptz) is
$$Takes a booked fill back by a row of its own that names it; gives the row's fill_seq. The symbol's
lots are matched anew from the fills that still stand; nothing is deleted.
Why: a broker may bust or correct an execution days later; what was believed until then stays readable.
Raises: 23505 reversed before.$$;

create or replace function ledger.compute_exposure(
    p_run_id uuid,
    p_marks  jsonb
)
returns table (
    cash_micros   bigint,
    net_micros    bigint,
    gross_micros  bigint,
    equity_micros bigint
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_blind text;
begin
    select string_agg(p.symbol, ', ' order by p.symbol) into v_blind
      from ledger.positions as p
     where p.run_id = p_run_id and p.position_qty <> 0 and p_marks ->> p.symbol is null;
    perform core.assert_that(v_blind is null, 'MQI02', v_blind);

    return query
    select b.cash_micros, e.net, e.gross, b.cash_micros + e.net
      from ledger.portfolios as b
      cross join lateral (
        select coalesce(sum(p.position_qty * (p_marks ->> p.symbol)::bigint), 0)::bigint as net,
               coalesce(sum(abs(p.position_qty) * (p_marks ->> p.symbol)::bigint), 0)::bigint as gross
          from ledger.positions as p
         where p.run_id = p_run_id and p.position_qty <> 0) as e
     where b.run_id = p_run_id;
end;
$function$;

comment on function ledger.compute_exposure(uuid, jsonb) is
$$Cash, net and gross market value and equity of a run at the marks {symbol: micros}.
Why: equity = cash + sum of signed quantity times mark; a missing mark is an error, never zero.
Raises: MQI02 naming the held symbols without a mark.$$;

create or replace function ledger.record_equity(
    p_run_id       uuid,
    p_session_on   date,
    p_cash_micros  bigint,
    p_net_micros   bigint,
    p_gross_micros bigint,
    p_now_at       timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    with before as (
        select e.* from ledger.equity_points as e
         where e.run_id = p_run_id
         order by e.point_seq desc
         limit 1
    )
    insert into ledger.equity_points (
        run_id, point_seq, session_on, cash_micros, net_micros, gross_micros, marked_at)
    select p_run_id, coalesce((select b.point_seq from before as b), 0) + 1, p_session_on,
           p_cash_micros, p_net_micros, p_gross_micros, p_now_at
     where not exists (
        select from before as b
         where (b.session_on, b.cash_micros, b.net_micros, b.gross_micros)
             = (p_session_on, p_cash_micros, p_net_micros, p_gross_micros));
$function$;

comment on function ledger.record_equity(uuid, date, bigint, bigint, bigint, timestamptz) is
$$Appends an equity point unless nothing changed since the last one.$$;

create or replace function ledger.get_position_qty(
    p_run_id uuid,
    p_symbol text
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce((select p.position_qty from ledger.positions as p
                      where p.run_id = p_run_id and p.symbol = p_symbol), 0);
$function$;

comment on function ledger.get_position_qty(uuid, text) is
$$Signed shares held: plus long, minus short, 0 when there never was a fill.$$;

create or replace function ledger.tg_positions__match_lots()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_held ledger.positions;
begin
    select p.* into v_held from ledger.positions as p
     where p.run_id = new.run_id and p.symbol = new.symbol;
    perform core.assert_that(
        (select (coalesce(sum(l.open_qty), 0), coalesce(sum(l.open_qty * l.entry_price_micros), 0))
                = (v_held.position_qty, v_held.cost_micros)
                and coalesce(min(sign(l.open_qty)) = max(sign(l.open_qty)), true)
           from ledger.lots as l
          where l.run_id = new.run_id and l.symbol = new.symbol
           and l.match_no = v_held.match_no and l.open_qty <> 0),
        'MQI03', format('%s %s', new.run_id, new.symbol));
    return null;
end;
$function$;

comment on function ledger.tg_positions__match_lots() is
$$At commit: quantity and cost of a position equal its open lots, and these are on one side.
Why: catches a function that books one and forgets the other.
Raises: MQI03.$$;

create or replace trigger _900_refuse_change before update or delete on ledger.fills
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ledger.entries
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ledger.lot_closes
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ledger.equity_points
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on ledger.lots
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on ledger.positions
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ledger.fills
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ledger.entries
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ledger.lot_closes
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ledger.equity_points
for each statement execute function core.tg_refuse_change();
set local client_min_messages = warning;
drop trigger if exists _500_match_lots on ledger.positions;
create constraint trigger _500_match_lots after insert or update on ledger.positions
deferrable initially deferred
for each row execute function ledger.tg_positions__match_lots();
drop trigger if exists _500_match_lots on ledger.lots;
create constraint trigger _500_match_lots after insert or update on ledger.lots
deferrable initially deferred
for each row execute function ledger.tg_positions__match_lots();
create or replace trigger _900_refuse_truncate before truncate on ledger.lots
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ledger.positions
for each statement execute function core.tg_refuse_change();

commit;
