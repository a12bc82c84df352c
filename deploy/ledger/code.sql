-- Deploy mqk:ledger/code to pg
-- built from sql/ledger by `make code`: edit there

begin;

set local role mqk_owner;

do $guard$
begin
    if to_regclass('run.runs') is not null then
        lock table run.runs in share mode;  -- nobody arms meanwhile
        if exists (select from run.runs as r where r.run_status in ('ARMED', 'RUNNING')) then
            raise sqlstate 'MQS19' using
                message = 'code is not changed under a run that is armed or running',
                hint = 'Stop the runs first: mqk run stop. Then deploy, and arm anew.';
        end if;
    end if;
end;
$guard$;

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
        run_id, entry_seq, entry_kind, qty_delta, deposit_delta_micros, cash_delta_micros,
        cost_delta_micros, realized_delta_micros, fee_delta_micros, income_delta_micros,
        deposits_micros, cash_micros, cost_micros, realized_micros, fees_micros, income_micros,
        booked_at)
    values (p_run_id, 1, 'DEPOSIT', 0, p_cash_micros, p_cash_micros, 0, 0, 0, 0, p_cash_micros,
            p_cash_micros, 0, 0, 0, 0, p_now_at);
    insert into ledger.portfolios (
        run_id, entry_seq, deposits_micros, cash_micros, cost_micros, realized_micros, fees_micros,
        income_micros)
    values (p_run_id, 1, p_cash_micros, p_cash_micros, 0, 0, 0, 0);
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
    v_done  ledger.lot_closes;
    v_left  bigint := p_fill.fill_qty;
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
        insert into ledger.lot_closes (
            run_id, symbol, match_no, fill_seq, fill_queue_no, lot_seq, lot_queue_no, closed_qty,
            entry_price_micros, split_seq, open_qty, open_cost_micros, exit_price_micros, closed_at)
        values (p_fill.run_id, p_fill.symbol, p_match_no, p_fill.fill_seq, p_queue_no, v_lot.lot_seq,
                v_lot.queue_no, ledger.compute_close_qty(v_lot.open_qty, v_left),
                v_lot.entry_price_micros, v_lot.split_seq, v_lot.open_qty, v_lot.open_cost_micros,
                p_fill.price_micros, p_fill.booked_at)
        returning * into v_done;
        update ledger.lots as l
           set open_qty         = l.open_qty - v_done.closed_qty,
               open_cost_micros = l.open_cost_micros - v_done.cost_micros
         where l.run_id = p_fill.run_id and l.symbol = p_fill.symbol and l.match_no = p_match_no
           and l.lot_seq = v_lot.lot_seq;
        realized_micros := realized_micros + v_done.realized_micros;
        cost_micros := cost_micros - v_done.cost_micros;
        v_left := v_left + v_done.closed_qty;
    end loop;
    if v_left <> 0 then
        insert into ledger.lots (
            run_id, symbol, match_no, lot_seq, queue_no, opened_qty, open_qty, entry_price_micros,
            open_cost_micros, split_qty, opened_at)
        values (p_fill.run_id, p_fill.symbol, p_match_no, p_fill.fill_seq, p_queue_no, v_left, v_left,
                p_fill.price_micros, v_left * p_fill.price_micros, 0, p_fill.booked_at);
        cost_micros := cost_micros + v_left * p_fill.price_micros;
    end if;
end;
$function$;

comment on function ledger.match_lots(ledger.fills, bigint, bigint) is
$$Closes the oldest lots on the other side first, opens a lot with what is left; gives the realised
profit and the change of the cost basis, in micros. p_queue_no: the fill's place in the matching.
Why: FIFO; long and short lots of a symbol never stand together. A part of a lot takes its part of the
lot's cost, rounded towards zero; the rest stays with the lot, so that nothing is lost.$$;

create or replace function ledger.list_lot_splits(
    p_lots      ledger.lots[],
    p_ratio_num bigint,
    p_ratio_den bigint
)
returns table (
    lot_seq          bigint,
    from_qty         bigint,
    to_qty           bigint,
    from_cost_micros bigint,
    to_cost_micros   bigint
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with held as (
        select l.lot_seq, l.queue_no, l.open_qty, l.open_cost_micros, sign(l.open_qty) as side,
               abs(l.open_qty)::numeric * p_ratio_num as exact,
               abs(l.open_cost_micros)::numeric as cost
          from unnest(p_lots) as l
         where l.open_qty <> 0
    ), ranked as (
        select h.*, div(h.exact, p_ratio_den) as whole,
               row_number() over (order by mod(h.exact, p_ratio_den) desc, h.queue_no) as place,
               div(sum(h.exact) over (), p_ratio_den)
               - sum(div(h.exact, p_ratio_den)) over () as extra
          from held as h
    ), sized as (
        select r.*, r.whole + case when r.place <= r.extra then 1 else 0 end as qty
          from ranked as r
    ), kept as (
        select s.*, greatest(s.exact - s.qty * p_ratio_den, 0) as lost,
               greatest(s.qty * p_ratio_den - s.exact, 0) as gained,
               case when s.qty * p_ratio_den >= s.exact then s.cost
                    else div(s.cost * s.qty * p_ratio_den + s.exact - 1, s.exact) end as kept
          from sized as s
    ), pooled as (
        select k.*, sum(k.cost - k.kept) over () as pool, nullif(sum(k.lost) over (), 0) as all_lost,
               sum(k.gained) over (order by k.queue_no) as gained_up_to
          from kept as k
    )
    select p.lot_seq, p.open_qty, (p.side * p.qty)::bigint, p.open_cost_micros,
           (p.side * (p.kept + coalesce(
               div(p.pool * p.gained_up_to, p.all_lost)
               - div(p.pool * (p.gained_up_to - p.gained), p.all_lost), 0)))::bigint
      from pooled as p;
$function$;

comment on function ledger.list_lot_splits(ledger.lots[], bigint, bigint) is
$$What a split of ratio_num new shares for ratio_den old ones makes of each open lot of a matching,
whose lots p_lots are. The
position's whole shares go to the lots by the largest remainder, the older lot first. A lot keeps its
cost; what lots lose in fractions is pooled, and those that are rounded up take their part of the pool:
what then is left of it is the cost of the fraction of a share that the position lost.$$;

create or replace function ledger.split_lots(
    p_adjustment ledger.adjustments,
    p_match_no   bigint
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_lot   record;
    v_lots  jsonb;
begin
    select coalesce(jsonb_agg(l), '[]') into v_lots
      from ledger.list_lot_splits(
           (select array_agg(h) from ledger.lots as h
             where h.run_id = p_adjustment.run_id and h.symbol = p_adjustment.symbol
               and h.match_no = p_match_no and h.open_qty <> 0),
           p_adjustment.ratio_num, p_adjustment.ratio_den) as l;
    insert into ledger.splits (
        run_id, symbol, match_no, adjustment_seq, ratio_num, ratio_den, reference_micros, held_qty,
        cost_micros)
    select p_adjustment.run_id, p_adjustment.symbol, p_match_no, p_adjustment.adjustment_seq,
           p_adjustment.ratio_num, p_adjustment.ratio_den, p_adjustment.reference_micros,
           coalesce(sum(l.from_qty), 0),
           coalesce(sum(l.from_cost_micros - l.to_cost_micros), 0)
      from jsonb_populate_recordset(null::ledger.lot_splits, v_lots) as l;
    for v_lot in
        insert into ledger.lot_splits (
            run_id, symbol, match_no, adjustment_seq, lot_seq, from_qty, to_qty, from_cost_micros,
            to_cost_micros)
        select p_adjustment.run_id, p_adjustment.symbol, p_match_no, p_adjustment.adjustment_seq,
               l.lot_seq, l.from_qty, l.to_qty, l.from_cost_micros, l.to_cost_micros
          from jsonb_populate_recordset(null::ledger.lot_splits, v_lots) as l
         order by l.lot_seq
        returning *
    loop
        update ledger.lots as l
           set open_qty         = v_lot.to_qty,
               open_cost_micros = v_lot.to_cost_micros,
               split_qty        = l.split_qty + v_lot.to_qty - v_lot.from_qty,
               split_seq        = v_lot.adjustment_seq
         where l.run_id = v_lot.run_id and l.symbol = v_lot.symbol
           and l.match_no = v_lot.match_no and l.lot_seq = v_lot.lot_seq;
    end loop;
end;
$function$;

comment on function ledger.split_lots(ledger.adjustments, bigint) is
$$Splits the open lots of a matching as ledger.list_lot_splits says; what becomes of the position, its
cash in lieu and its profit is a row of ledger.splits.
Raises: 23502 a fraction is left and no price for it is known.$$;

create or replace function ledger.rematch_lots(
    p_run_id   uuid,
    p_symbol   text,
    p_match_no bigint,
    out position_qty    bigint,
    out realized_micros bigint,
    out cost_micros     bigint,
    out lieu_micros     bigint
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_event record;
    v_queue bigint := 0;
begin
    for v_event in
        select e.* from (
        select f.executed_at as at, 1 as nth, f.execution_id as name, f as fill,
               null::ledger.adjustments as split
          from ledger.fills as f
         where (f.run_id, f.fill_seq) in (
               select s.run_id, s.fill_seq from ledger.standing_fills as s
                where s.run_id = p_run_id and s.symbol = p_symbol)
         union all
        select a.effective_at, 0, a.action_id::text, null::ledger.fills, a
          from ledger.adjustments as a
         where a.run_id = p_run_id and a.symbol = p_symbol and a.action_kind = 'SPLIT') as e
         order by e.at, e.nth, e.name collate "C"
    loop
        v_queue := v_queue + v_event.nth;
        perform ledger.match_lots(v_event.fill, p_match_no, v_queue) where v_event.nth = 1;
        perform ledger.split_lots(v_event.split, p_match_no) where v_event.nth = 0;
    end loop;
    select coalesce(sum(l.open_qty), 0), coalesce(sum(l.open_cost_micros), 0)
      into position_qty, cost_micros
      from ledger.lots as l
     where l.run_id = p_run_id and l.symbol = p_symbol and l.match_no = p_match_no;
    select coalesce(sum(c.realized_micros), 0) into realized_micros
      from ledger.lot_closes as c
     where c.run_id = p_run_id and c.symbol = p_symbol and c.match_no = p_match_no;
    select rematch_lots.realized_micros + coalesce(sum(s.realized_micros), 0),
           coalesce(sum(s.cash_micros), 0)
      into realized_micros, lieu_micros
      from ledger.splits as s
     where s.run_id = p_run_id and s.symbol = p_symbol and s.match_no = p_match_no;
end;
$function$;

comment on function ledger.rematch_lots(uuid, text, bigint) is
$$Matches all fills of a symbol that still stand, and its splits, anew, in the order in which they took
effect, as the matching p_match_no; gives its position, realised profit, cost basis and cash in lieu.
Earlier matchings stay. Fills alone are counted: a place in the queue is no higher than the fill_seq that
the next fill goes on with.
Why: lots must not depend on the order in which messages came, nor on a fill that was taken back; and
what was held before a split is split, however late we learn of it.$$;

create or replace function ledger.rematch_position(
    p_run_id uuid,
    p_symbol text,
    out match_no        bigint,
    out qty_delta       bigint,
    out realized_micros bigint,
    out cost_micros     bigint,
    out lieu_micros     bigint
)
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select h.match_no + 1, m.position_qty - h.position_qty, m.realized_micros - h.realized_micros,
           m.cost_micros - h.cost_micros, m.lieu_micros - h.lieu_micros
      from (select coalesce(max(p.match_no), 0) as match_no,
                   coalesce(max(p.position_qty), 0) as position_qty,
                   coalesce(max(p.realized_micros), 0) as realized_micros,
                   coalesce(max(p.cost_micros), 0) as cost_micros,
                   coalesce(max((select sum(s.cash_micros) from ledger.splits as s
                                  where (s.run_id, s.symbol, s.match_no)
                                        = (p.run_id, p.symbol, p.match_no))), 0)::bigint
                       as lieu_micros
              from ledger.positions as p
             where p.run_id = p_run_id and p.symbol = p_symbol) as h
     cross join lateral ledger.rematch_lots(p_run_id, p_symbol, h.match_no + 1) as m;
$function$;

comment on function ledger.rematch_position(uuid, text) is
$$Matches a symbol anew (ledger.rematch_lots) and gives the number of the matching and what it changes:
shares, realised profit, cost basis, cash in lieu.$$;

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
           and f.fill_seq <> p_fill.fill_seq)
       and not exists (
        select from ledger.adjustments as a
         where a.run_id = p_fill.run_id and a.symbol = p_fill.symbol
           and a.action_kind = 'SPLIT' and a.effective_at > p_fill.executed_at);
$function$;

comment on function ledger.is_newest_fill(ledger.fills) is
$$True when no standing fill of the symbol was executed later (ties by execution id), and no split of it
that was applied took effect later.$$;

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
           fees_micros     = p_entry.fees_micros,
           income_micros   = p_entry.income_micros
     where p.run_id = p_entry.run_id;

    insert into ledger.positions (
        run_id, symbol, match_no, position_qty, cost_micros, realized_micros, changed_at)
    select p_entry.run_id, p_entry.symbol, p_match_no, 0, 0, 0, p_entry.booked_at
     where p_entry.entry_kind <> 'DIVIDEND'
    on conflict (run_id, symbol) do nothing;

    update ledger.positions as p
       set match_no        = p_match_no,
           position_qty    = p.position_qty + p_entry.qty_delta,
           cost_micros     = p.cost_micros + p_entry.cost_delta_micros,
           realized_micros = p.realized_micros + p_entry.realized_delta_micros,
           changed_at      = p_entry.booked_at
     where p.run_id = p_entry.run_id and p.symbol = p_entry.symbol
       and p_entry.entry_kind <> 'DIVIDEND';
$function$;

comment on function ledger.carry_entry(ledger.entries, bigint) is
$$Carries an entry to the run's portfolio and, but for a dividend, to the symbol's position.$$;

create or replace function ledger.append_entry(
    p_entry    ledger.entries,
    p_match_no bigint
)
returns ledger.entries
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_entry ledger.entries;
begin
    insert into ledger.entries (
        run_id, entry_seq, entry_kind, fill_seq, adjustment_seq, symbol, qty_delta,
        deposit_delta_micros, cash_delta_micros, cost_delta_micros, realized_delta_micros,
        fee_delta_micros, income_delta_micros, deposits_micros, cash_micros, cost_micros,
        realized_micros, fees_micros, income_micros, booked_at)
    select p_entry.run_id, p.entry_seq + 1, p_entry.entry_kind, p_entry.fill_seq,
           p_entry.adjustment_seq, p_entry.symbol, p_entry.qty_delta, 0, p_entry.cash_delta_micros,
           p_entry.cost_delta_micros, p_entry.realized_delta_micros, p_entry.fee_delta_micros,
           p_entry.income_delta_micros, p.deposits_micros, p.cash_micros + p_entry.cash_delta_micros,
           p.cost_micros + p_entry.cost_delta_micros,
           p.realized_micros + p_entry.realized_delta_micros,
           p.fees_micros + p_entry.fee_delta_micros,
           p.income_micros + p_entry.income_delta_micros, p_entry.booked_at
      from ledger.portfolios as p
     where p.run_id = p_entry.run_id
    returning * into v_entry;
    perform ledger.carry_entry(v_entry, p_match_no);
    return v_entry;
end;
$function$;

comment on function ledger.append_entry(ledger.entries, bigint) is
$$Appends an entry of given changes to the balances before it, and carries it to portfolio and position;
gives the entry. p_match_no: the matching of the symbol that counts from now on. The caller holds the
run's portfolio row.
Raises: 22003 overflow; 23514 a named rule.$$;

create or replace function ledger.post_entry(
    p_fill ledger.fills
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_moved record;
    v_entry ledger.entries;
begin
    if p_fill.reverses_seq is null and ledger.is_newest_fill(p_fill) then
        select h.match_no, p_fill.fill_qty as qty_delta, m.realized_micros, m.cost_micros,
               0::bigint as lieu_micros
          into v_moved
          from (select coalesce(max(p.match_no), 1) as match_no from ledger.positions as p
                 where p.run_id = p_fill.run_id and p.symbol = p_fill.symbol) as h
         cross join lateral ledger.match_lots(p_fill, h.match_no, p_fill.fill_seq) as m;
    else
        v_moved := ledger.rematch_position(p_fill.run_id, p_fill.symbol);
    end if;
    v_entry.run_id := p_fill.run_id;
    v_entry.entry_kind := case when p_fill.reverses_seq is null then 'FILL' else 'REVERSAL' end;
    v_entry.fill_seq := p_fill.fill_seq;
    v_entry.symbol := p_fill.symbol;
    v_entry.qty_delta := v_moved.qty_delta;
    v_entry.cash_delta_micros := -p_fill.fill_qty * p_fill.price_micros - p_fill.fee_micros
                                 + v_moved.lieu_micros;
    v_entry.cost_delta_micros := v_moved.cost_micros;
    v_entry.realized_delta_micros := v_moved.realized_micros;
    v_entry.fee_delta_micros := p_fill.fee_micros;
    v_entry.income_delta_micros := 0;
    v_entry.booked_at := p_fill.booked_at;
    v_entry := ledger.append_entry(v_entry, v_moved.match_no);
    perform audit.append_event(
        p_fill.run_id, 'LEDGER', p_fill.fill_kind || '_BOOKED',
        jsonb_build_object(
            'fill_seq', p_fill.fill_seq, 'execution_id', p_fill.execution_id,
            'client_order_id', p_fill.client_order_id, 'symbol', p_fill.symbol,
            'fill_qty', p_fill.fill_qty, 'price_micros', p_fill.price_micros,
            'fee_micros', p_fill.fee_micros, 'realized_micros', v_moved.realized_micros,
            'cash_micros', v_entry.cash_micros, 'match_no', v_moved.match_no,
            'is_late', p_fill.is_late, 'reverses_seq', p_fill.reverses_seq,
            'corrects_seq', p_fill.corrects_seq, 'executed_at', core.format_iso(p_fill.executed_at)),
        p_fill.booked_at);
end;
$function$;

comment on function ledger.post_entry(ledger.fills) is
$$Makes the entry of a booked row: lots, balances, position, diary. A fill that is the symbol's newest
goes on with the matching that stands; a reversal, and a fill executed before one booked already or
before a split that was applied, match the symbol anew.
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

create or replace function ledger.list_due_actions(
    p_run_id uuid,
    p_now_at timestamptz
)
returns setof md.corporate_actions
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select a.*
      from ledger.entries as o
      join run.universe as u using (run_id)
     cross join lateral md.list_actions_as_of(u.symbol, p_now_at) as a
     where o.run_id = p_run_id and o.entry_seq = 1
       and a.effective_at > o.booked_at and a.effective_at <= p_now_at
       and not exists (select from ledger.adjustments as d
                        where d.run_id = p_run_id and d.action_id = a.action_id)
     order by a.effective_at, a.action_kind, a.symbol collate "C";
$function$;

comment on function ledger.list_due_actions(uuid, timestamptz) is
$$Corporate actions of a run's symbols that have taken effect since its books were opened, and that the
books have not taken over. Of one morning a dividend comes before a split: it is paid for old shares.$$;

create or replace function ledger.get_qty_at(
    p_run_id uuid,
    p_symbol text,
    p_at     timestamptz
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with last_split as (
        select a.effective_at, s.new_qty
          from ledger.positions as p
          join ledger.splits as s using (run_id, symbol, match_no)
          join ledger.adjustments as a using (run_id, adjustment_seq)
         where p.run_id = p_run_id and p.symbol = p_symbol and a.effective_at < p_at
         order by a.effective_at desc
         limit 1
    )
    select coalesce((select l.new_qty from last_split as l), 0)
           + coalesce((select sum(f.fill_qty) from ledger.standing_fills as f
                        where f.run_id = p_run_id and f.symbol = p_symbol and f.executed_at < p_at
                          and f.executed_at >= coalesce(
                              (select l.effective_at from last_split as l), '-infinity')), 0)::bigint;
$function$;

comment on function ledger.get_qty_at(uuid, text, timestamptz) is
$$Signed shares held just before p_at, by the time of execution, in the shares of then.$$;

create or replace function ledger.apply_action(
    p_run_id uuid,
    p_action md.corporate_actions,
    p_now_at timestamptz
)
returns ledger.adjustments
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_done  ledger.adjustments;
    v_moved record;
    v_entry ledger.entries;
begin
    perform from ledger.portfolios as p where p.run_id = p_run_id for update;
    insert into ledger.adjustments (
        run_id, adjustment_seq, action_id, symbol, action_kind, effective_at, ratio_num, ratio_den,
        amount_micros, reference_micros, held_qty, applied_at)
    select p_run_id, coalesce(max(d.adjustment_seq), 0) + 1, p_action.action_id, p_action.symbol,
           p_action.action_kind, p_action.effective_at, p_action.ratio_num, p_action.ratio_den,
           p_action.amount_micros,
           (select m.mark_micros
              from md.list_marks(p_run_id, p_action.effective_at - interval '1 us') as m
             where m.symbol = p_action.symbol),
           ledger.get_qty_at(p_run_id, p_action.symbol, p_action.effective_at), p_now_at
      from ledger.adjustments as d
     where d.run_id = p_run_id
    on conflict (run_id, action_id) do nothing
    returning * into v_done;
    if v_done.action_kind = 'SPLIT' then
        v_moved := ledger.rematch_position(p_run_id, p_action.symbol);
        v_entry.run_id := p_run_id;
        v_entry.entry_kind := v_done.entry_kind;
        v_entry.adjustment_seq := v_done.adjustment_seq;
        v_entry.symbol := p_action.symbol;
        v_entry.qty_delta := v_moved.qty_delta;
        v_entry.cash_delta_micros := v_moved.lieu_micros;
        v_entry.cost_delta_micros := v_moved.cost_micros;
        v_entry.realized_delta_micros := v_moved.realized_micros;
        v_entry.fee_delta_micros := 0;
        v_entry.income_delta_micros := 0;
        v_entry.booked_at := p_now_at;
        perform ledger.append_entry(v_entry, v_moved.match_no);
    end if;
    perform audit.append_event(
        p_run_id, 'LEDGER', 'ACTION_APPLIED',
        jsonb_build_object(
            'action_id', p_action.action_id, 'symbol', p_action.symbol,
            'terms', md.format_terms(p_action), 'held_qty', v_done.held_qty,
            'adjustment_seq', v_done.adjustment_seq, 'action_kind', v_done.action_kind,
            'effective_at', core.format_iso(v_done.effective_at), 'ratio_num', v_done.ratio_num,
            'ratio_den', v_done.ratio_den, 'amount_micros', v_done.amount_micros,
            'reference_micros', v_done.reference_micros,
            'qty_delta', v_entry.qty_delta, 'cash_micros', v_entry.cash_delta_micros,
            'realized_micros', v_entry.realized_delta_micros), p_now_at)
      where v_done.action_id is not null;
    return v_done;
end;
$function$;

comment on function ledger.apply_action(uuid, md.corporate_actions, timestamptz) is
$$Takes a corporate action over into a run's books, once: a split changes lots, position and, by the cash in
lieu, cash; of a dividend it keeps who is owed it, and ledger.pay_dividends books it on its day. Gives the
adjustment, null when it was applied before.
Why: cost stays to the micro; what was held at effective_at counts, however late we apply it.
Raises: 23502 a fraction of a share is left and no price for it is known.$$;

create or replace function ledger.pay_dividends(
    p_run_id uuid,
    p_now_at timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_due   ledger.adjustments;
    v_entry ledger.entries;
    v_count bigint := 0;
begin
    perform from ledger.portfolios as p where p.run_id = p_run_id for update;
    for v_due in
        select d.* from ledger.adjustments as d
          join run.universe as u using (run_id, symbol)
         cross join lateral md.list_actions_as_of(d.symbol, p_now_at) as a
         where d.run_id = p_run_id and d.action_kind = 'CASH_DIVIDEND'
           and a.action_id = d.action_id and a.pay_at <= p_now_at
           and not exists (select from ledger.entries as e
                            where e.run_id = p_run_id and e.adjustment_seq = d.adjustment_seq)
         order by a.pay_at, d.adjustment_seq
    loop
        v_entry.run_id := p_run_id;
        v_entry.entry_kind := v_due.entry_kind;
        v_entry.adjustment_seq := v_due.adjustment_seq;
        v_entry.symbol := v_due.symbol;
        v_entry.qty_delta := 0;
        v_entry.cash_delta_micros := v_due.dividend_micros;
        v_entry.cost_delta_micros := 0;
        v_entry.realized_delta_micros := 0;
        v_entry.fee_delta_micros := 0;
        v_entry.income_delta_micros := v_due.dividend_micros;
        v_entry.booked_at := p_now_at;
        v_entry := ledger.append_entry(v_entry, null);
        perform audit.append_event(
            p_run_id, 'LEDGER', 'DIVIDEND_BOOKED',
            jsonb_build_object(
                'action_id', v_due.action_id, 'symbol', v_due.symbol, 'held_qty', v_due.held_qty,
                'amount_micros', v_due.amount_micros, 'dividend_micros', v_due.dividend_micros,
                'cash_micros', v_entry.cash_micros), p_now_at);
        v_count := v_count + 1;
    end loop;
    return v_count;
end;
$function$;

comment on function ledger.pay_dividends(uuid, timestamptz) is
$$Books the dividends of a run whose day of payment has come, once each: cash and income by what was held
before the ex session, a debit for a short position; gives how many. One cancelled before is not paid.$$;

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
    select string_agg(p.symbol, ', ' order by p.symbol collate "C") into v_blind
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
        (select (coalesce(sum(l.open_qty), 0), coalesce(sum(l.open_cost_micros), 0))
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
create or replace trigger _900_refuse_change before update or delete on ledger.adjustments
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ledger.adjustments
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ledger.splits
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ledger.splits
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ledger.lot_splits
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ledger.lot_splits
for each statement execute function core.tg_refuse_change();
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
create or replace trigger _900_refuse_delete before delete on ledger.portfolios
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ledger.portfolios
for each statement execute function core.tg_refuse_change();

commit;
