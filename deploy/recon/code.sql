-- Deploy mqk:recon/code to pg
-- built from sql/recon by `make code`: edit there

begin;

set local role mqk_owner;

create or replace function recon.set_tolerances(
    p_run_id uuid,
    p_recon  jsonb
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into recon.tolerances (
        run_id, position_tolerance_qty, cash_tolerance_micros, grace_ms, max_age_ms)
    values (p_run_id, (p_recon ->> 'position_tolerance_qty')::bigint,
            (p_recon ->> 'cash_tolerance_micros')::bigint, (p_recon ->> 'grace_ms')::integer,
            (p_recon ->> 'max_age_ms')::integer);
$function$;

comment on function recon.set_tolerances(uuid, jsonb) is
$$Pins how far a run's broker may differ, from config.reconcile.
Raises: 23514 too wide; 23502 one is missing.$$;

create or replace function recon.list_order_drifts(
    p_run_id   uuid,
    p_document jsonb
)
returns table (
    drift_kind text,
    drift_key  text,
    ours       text,
    theirs     text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with theirs as (
        select o.value ->> 'client_order_id' as name, o.value ->> 'symbol' as symbol,
               case o.value ->> 'side' when 'buy' then 1 when 'sell' then -1 end
               * core.parse_shares(o.value ->> 'qty') as qty,
               core.parse_shares(o.value ->> 'filled_qty') as filled,
               case upper(o.value ->> 'status') when 'NEW' then 'ACCEPTED'
                    else upper(o.value ->> 'status') end as status
          from jsonb_array_elements(p_document -> 'orders') as o
    ), ours as (
        select o.client_order_id as name, o.symbol, o.order_qty as qty, o.cum_qty as filled,
               o.order_status as status, b.outbox_status
          from oms.orders as o
          join oms.outbox as b
            on b.run_id = o.run_id and b.order_id = o.order_id and b.request_kind = 'SUBMIT'
         where o.run_id = p_run_id
    )
    select case when o.name is null then 'UNKNOWN_ORDER'
                when t.name is null then 'MISSING_ORDER'
                else 'ORDER_FIELD' end,
           coalesce(t.name, o.name, '(no name)'),
           coalesce(format('%s %s filled %s %s', o.symbol, o.qty, o.filled, o.status), 'none'),
           coalesce(format('%s %s filled %s %s', t.symbol, t.qty, t.filled, t.status), 'none')
      from theirs as t
      full join ours as o on o.name = t.name
     where (o.name is null and not exists (
                select from oms.orders as other
                  join run.runs as r on r.run_id = other.run_id
                 where other.client_order_id = t.name
                   and r.account_id = p_document ->> 'account_id'))
        or (t.name is null and o.outbox_status in ('SENT', 'ACKED')
            and o.status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED'))
        or (o.name is not null and t.name is not null
            and (o.symbol, o.qty, o.filled, o.status)
                is distinct from (t.symbol, t.qty, t.filled, t.status));
$function$;

comment on function recon.list_order_drifts(uuid, jsonb) is
$$Orders on which a broker snapshot and our books differ: one that we do not know, one of ours that is
missing there, or one whose symbol, quantity, filled quantity or status differs.
Why: an earlier run of the same account is known too; nobody else's order is.$$;

create or replace function recon.list_money_drifts(
    p_run_id   uuid,
    p_document jsonb
)
returns table (
    drift_kind text,
    drift_key  text,
    ours       text,
    theirs     text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with theirs as (
        select p.value ->> 'symbol' as symbol, p.value ->> 'qty' as qty_text,
               core.parse_shares(p.value ->> 'qty') as qty
          from jsonb_array_elements(p_document -> 'positions') as p
    )
    select 'POSITION', coalesce(t.symbol, o.symbol), coalesce(o.position_qty, 0)::text,
           coalesce(t.qty_text, '0')
      from theirs as t
      full join (select p.symbol, p.position_qty from ledger.positions as p
                  where p.run_id = p_run_id) as o on o.symbol = t.symbol
      cross join recon.tolerances as l
     where l.run_id = p_run_id
       and (t.symbol is not null and t.qty is null
            or abs(coalesce(t.qty, 0) - coalesce(o.position_qty, 0)) > l.position_tolerance_qty)
     union all
    select 'CASH', 'USD', core.format_micros(b.cash_micros),
           coalesce(p_document ->> 'cash', 'none')
      from ledger.portfolios as b
      join recon.tolerances as l using (run_id)
     where b.run_id = p_run_id
       and coalesce(abs(core.parse_micros(p_document ->> 'cash') - b.cash_micros)
                    > l.cash_tolerance_micros, true);
$function$;

comment on function recon.list_money_drifts(uuid, jsonb) is
$$Positions and cash on which a broker snapshot and our books differ by more than the tolerance.
A fractional or unreadable quantity is a difference.$$;

create or replace function recon.find_defect(
    p_run      run.runs,
    p_document jsonb,
    p_now_at   timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case
        when jsonb_typeof(p_document -> 'orders') is distinct from 'array'
          or jsonb_typeof(p_document -> 'positions') is distinct from 'array'
          or p_document ->> 'source' is null then 'orders, positions or source is missing'
        when c.captured_at is null then 'captured_at is not a time with an offset'
        when p_document ->> 'account_id' is distinct from p_run.account_id
            then 'it is of another account'
        when c.captured_at > p_now_at + interval '2 s' then 'it is from the future'
        when c.captured_at < p_now_at - l.max_age_ms * interval '1 ms' then 'it is too old'
        when c.captured_at < (select max(s.captured_at) from recon.snapshots as s
                               where s.run_id = p_run.run_id) then 'a newer one was seen' end
      from recon.tolerances as l
      cross join lateral (
        select core.parse_time(p_document ->> 'captured_at') as captured_at) as c
     where l.run_id = p_run.run_id;
$function$;

comment on function recon.find_defect(run.runs, jsonb, timestamptz) is
$$Why a broker snapshot proves nothing, or null: malformed, of another account, from the future, too
old, or older than one seen before.
Why: a frozen or replayed snapshot must not look like a fresh clean one.$$;

create or replace function recon.compare(
    p_run          run.runs,
    p_snapshot_seq bigint,
    p_document     jsonb,
    p_now_at       timestamptz
)
returns recon.comparisons
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_result recon.comparisons;
begin
    with found as materialized (
        select d.*, coalesce(before.first_seen_at, p_now_at) as first_seen_at,
               coalesce(before.first_seen_at, p_now_at)
               <= p_now_at - l.grace_ms * interval '1 ms' as is_settled
          from (select * from recon.list_order_drifts(p_run.run_id, p_document)
                 union all
                select * from recon.list_money_drifts(p_run.run_id, p_document)) as d
          join recon.tolerances as l on l.run_id = p_run.run_id
          left join recon.drifts as before
            on before.run_id = p_run.run_id and before.snapshot_seq = p_snapshot_seq - 1
           and before.drift_kind = d.drift_kind and before.drift_key = d.drift_key
    ), compared as (
        insert into recon.comparisons (
            run_id, snapshot_seq, order_drifts, position_drifts, cash_drifts, unsettled_drifts,
            compared_at)
        select p_run.run_id, p_snapshot_seq,
               count(*) filter (where f.is_settled and f.drift_kind like '%ORDER%'),
               count(*) filter (where f.is_settled and f.drift_kind = 'POSITION'),
               count(*) filter (where f.is_settled and f.drift_kind = 'CASH'),
               count(*) filter (where not f.is_settled), p_now_at
          from found as f
        returning *
    ), kept as (
        insert into recon.drifts (
            run_id, snapshot_seq, drift_kind, drift_key, ours, theirs, first_seen_at, is_settled)
        select p_run.run_id, p_snapshot_seq, f.drift_kind, f.drift_key, f.ours, f.theirs,
               f.first_seen_at, f.is_settled
          from found as f
    )
    select c.* into v_result from compared as c;
    return v_result;
end;
$function$;

comment on function recon.compare(run.runs, bigint, jsonb, timestamptz) is
$$Compares a stored snapshot with our orders, positions and cash; stores and gives the result.
Why: a difference counts only once it has lasted for the grace; until then it may be in flight.
The books are never changed to agree.$$;

create or replace function recon.submit_snapshot(
    p_run_id   uuid,
    p_document jsonb,
    p_now_at   timestamptz
)
returns table (
    verdict text,
    detail  text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run    run.runs;
    v_now    timestamptz;
    v_defect text;
    v_result recon.comparisons;
    v_seq    bigint;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    v_now := run.clamp_now(p_run_id, p_now_at);
    v_defect := recon.find_defect(v_run, p_document, v_now);
    if v_defect is not null then
        perform audit.append_event(
            p_run_id, 'RECON', 'SNAPSHOT_REFUSED',
            jsonb_build_object('defect', v_defect,
                               'document_sha256', core.hash_text(p_document::text)), p_now_at);
        return query select 'REFUSED', v_defect;
        return;
    end if;
    select coalesce(max(s.snapshot_seq), 0) + 1 into v_seq
      from recon.snapshots as s where s.run_id = p_run_id;
    insert into recon.snapshots (
        run_id, snapshot_seq, account_id, source, captured_at, document, received_at)
    values (p_run_id, v_seq, v_run.account_id, p_document ->> 'source',
            core.parse_time(p_document ->> 'captured_at'), p_document, v_now);
    v_result := recon.compare(v_run, v_seq, p_document, v_now);

    select string_agg(format('%s %s: ours %s, theirs %s', d.drift_kind, d.drift_key, d.ours, d.theirs),
                      '; ' order by d.drift_kind, d.drift_key)
      into detail
      from recon.drifts as d where d.run_id = p_run_id and d.snapshot_seq = v_seq;
    perform audit.append_event(
        p_run_id, 'RECON', 'COMPARED_' || v_result.verdict,
        jsonb_build_object('snapshot_seq', v_seq, 'drifts', left(detail, 1000)), p_now_at);
    if v_result.verdict <> 'PENDING' then
        perform run.set_gate(
            p_run_id, 'RECON', v_result.verdict = 'CLEAN',
            left(coalesce(detail, 'books agree with the broker'), 500),
            jsonb_build_object('snapshot_seq', v_seq),
            v_now + v_run.gate_ttl_ms * interval '1 ms', p_now_at);
    end if;
    verdict := v_result.verdict;
    return next;
end;
$function$;

comment on function recon.submit_snapshot(uuid, jsonb, timestamptz) is
$$Stores a broker snapshot, compares it with our books and sets gate RECON; gives CLEAN, PENDING
(differences younger than the grace), DIRTY (run halted) or REFUSED, with the differences.
document: {source, account_id, captured_at, cash, orders [{client_order_id, symbol, side, qty,
filled_qty, status}], positions [{symbol, qty}]}, numbers as text.
Why: the verdict is computed from the stored document; a caller cannot pass one in.
Raises: MQN02; MQA03.$$;

create or replace trigger _900_refuse_change before update or delete on recon.snapshots
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on recon.comparisons
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on recon.drifts
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on recon.tolerances
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on recon.snapshots
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on recon.comparisons
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on recon.drifts
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on recon.tolerances
for each statement execute function core.tg_refuse_change();

commit;
