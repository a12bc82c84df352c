-- Deploy mqk:md/code to pg
-- built from sql/md by `make code`: edit there

begin;

set local role mqk_owner;

create or replace function md.parse_bars(
    p_timeframe text,
    p_rows      jsonb,
    p_now_at    timestamptz
)
returns table (
    line_no      bigint,
    symbol       text,
    session_on   date,
    bar_end_at   timestamptz,
    open_micros  bigint,
    high_micros  bigint,
    low_micros   bigint,
    close_micros bigint,
    volume       bigint,
    finding      text,
    detail       text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with typed as (
        select r.line_no, r.symbol, r.timeframe, r.session_on as session_text,
               i.symbol as known_symbol, s.session_on, s.closes_at,
               core.parse_micros(r.open) as o, core.parse_micros(r.high) as h,
               core.parse_micros(r.low) as l, core.parse_micros(r.close) as c,
               core.parse_shares(r.volume) as v,
               row_number() over (partition by r.symbol, r.session_on order by r.line_no) as nth,
               r.open, r.high, r.low, r.close, r.volume
          from jsonb_to_recordset(p_rows) as r (
               line_no bigint, symbol text, timeframe text, session_on text,
               open text, high text, low text, close text, volume text)
          left join ref.instruments as i on i.symbol = r.symbol
          left join ref.sessions as s
            on s.exchange_id = i.exchange_id and s.session_on = core.parse_date(r.session_on)
    )
    select t.line_no, t.symbol, t.session_on, t.closes_at, t.o, t.h, t.l, t.c, t.v,
           case when t.timeframe is distinct from p_timeframe then 'TIMEFRAME_DIFFERS'
                when t.known_symbol is null then 'SYMBOL_UNKNOWN'
                when t.session_on is null then 'NOT_A_SESSION'
                when t.closes_at > p_now_at then 'NOT_CLOSED'
                when num_nulls(t.o, t.h, t.l, t.c) > 0 or least(t.o, t.h, t.l, t.c) <= 0
                     or greatest(t.o, t.h, t.l, t.c) > 10000000000000 then 'PRICE_INVALID'
                when t.l > least(t.o, t.c) or t.h < greatest(t.o, t.c) then 'OHLC_INSANE'
                when t.v is null or t.v < 0 then 'VOLUME_INVALID'
                when t.nth > 1 then 'DUPLICATE_IN_BATCH' end,
           format('%s %s o=%s h=%s l=%s c=%s v=%s', t.symbol, t.session_text, t.open, t.high,
                  t.low, t.close, t.volume)
      from typed as t;
$function$;

comment on function md.parse_bars(text, jsonb, timestamptz) is
$$Every row of a batch in types, with the first law it breaks (finding), or null when it is good.
p_rows: [{line_no, symbol, timeframe, session_on, open, high, low, close, volume}], values as text.
Why: a daily bar belongs to an exchange session and is known only once that session has closed.$$;

create or replace function md.ingest_bars(
    p_source        text,
    p_source_sha256 text,
    p_timeframe     text,
    p_policy        text,
    p_rows          jsonb,
    p_now_at        timestamptz
)
returns md.ingests
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_report md.ingests;
    v_bad    text;
    v_id     uuid;
begin
    perform core.assert_that(
        num_nulls(p_source, p_source_sha256, p_timeframe, p_now_at) = 0, 'MQA01',
        'source, source_sha256, timeframe, now_at');
    perform core.assert_that(
        p_policy in ('REFUSE', 'KEEP_GOOD'), 'MQA02', 'policy in REFUSE, KEEP_GOOD');
    perform core.assert_that(jsonb_typeof(p_rows) = 'array', 'MQA05', jsonb_typeof(p_rows));
    select string_agg(format('%s %s', p.line_no, p.finding), ',' order by p.line_no) into v_bad
      from md.parse_bars(p_timeframe, p_rows, p_now_at) as p
     where p.finding is not null;
    v_id := core.derive_id('ingest', array[
        p_source, p_source_sha256, p_timeframe, core.hash_text(p_rows::text), coalesce(v_bad, '')]);
    select i.* into v_report from md.ingests as i where i.ingest_id = v_id;
    if found then
        return v_report;
    end if;

    insert into md.ingests (
        ingest_id, source, source_sha256, timeframe, rows_read, rows_stored, rows_known,
        rows_rejected, ingested_by, ingested_at)
    values (v_id, p_source, p_source_sha256, p_timeframe, 0, 0, 0, 0, audit.get_actor(), p_now_at);
    perform md.store_bars(v_id, p_timeframe, p_rows, p_now_at);

    select string_agg(format('line %s %s (%s)', f.line_no, f.finding, f.detail), '; '
                      order by f.line_no)
      into v_bad
      from (select * from md.findings as f where f.ingest_id = v_id order by f.line_no limit 5) as f;
    select i.* into v_report from md.ingests as i where i.ingest_id = v_id;
    perform core.assert_that(
        p_policy = 'KEEP_GOOD' or v_bad is null, 'MQA09',
        format('%s of %s rows: %s', v_report.rows_rejected, v_report.rows_read, v_bad));
    perform audit.append_desk_event(
        'MARKET', 'BARS_INGESTED', to_jsonb(v_report) - 'ingested_at', p_now_at);
    perform pg_notify('mqk_bars', p_timeframe);
    return v_report;
end;
$function$;

comment on function md.ingest_bars(text, text, text, text, jsonb, timestamptz) is
$$Stores a batch of closed bars and gives its report. The same batch again changes nothing, unless a
row is judged otherwise by now: its session has closed, its symbol is known.
Policy REFUSE: one bad row refuses the whole batch; KEEP_GOOD: bad rows become findings.
Why: bars and report are one transaction; a stored bar is never overwritten.
Raises: MQA01; MQA02; MQA05; MQA09 naming the first five bad rows.$$;

create or replace function md.store_bars(
    p_ingest_id uuid,
    p_timeframe text,
    p_rows      jsonb,
    p_now_at    timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    with judged as materialized (
        select p.*, b.symbol is not null as is_known,
               coalesce(p.finding,
                   case when b.symbol is not null
                         and (b.open_micros, b.high_micros, b.low_micros, b.close_micros, b.volume)
                             <> (p.open_micros, p.high_micros, p.low_micros, p.close_micros, p.volume)
                        then 'CONFLICT' end) as verdict
          from md.parse_bars(p_timeframe, p_rows, p_now_at) as p
          left join md.bars as b
            on b.symbol = p.symbol and b.timeframe = p_timeframe and b.bar_end_at = p.bar_end_at
    ), stored as (
        insert into md.bars (
            symbol, timeframe, bar_end_at, session_on, open_micros, high_micros, low_micros,
            close_micros, volume, ingest_id)
        select j.symbol, p_timeframe, j.bar_end_at, j.session_on, j.open_micros, j.high_micros,
               j.low_micros, j.close_micros, j.volume, p_ingest_id
          from judged as j
         where j.verdict is null and not j.is_known
         order by j.symbol, j.bar_end_at
        returning 1
    ), found as (
        insert into md.findings (ingest_id, line_no, symbol, finding, detail)
        select p_ingest_id, coalesce(j.line_no, 0), j.symbol, j.verdict, left(j.detail, 300)
          from judged as j
         where j.verdict is not null
        returning 1
    )
    update md.ingests as i
       set rows_read     = (select count(*) from judged),
           rows_stored   = (select count(*) from stored),
           rows_rejected = (select count(*) from found),
           rows_known    = (select count(*) from judged as j where j.verdict is null and j.is_known)
     where i.ingest_id = p_ingest_id;
end;
$function$;

comment on function md.store_bars(uuid, text, jsonb, timestamptz) is
$$Stores the good new bars of a batch, its findings and its counts.
Why: a bar that differs from a stored one is a CONFLICT finding; the stored bar stays.$$;

create or replace function md.list_bars_as_of(
    p_symbol    text,
    p_timeframe text,
    p_limit     integer,
    p_now_at    timestamptz
)
returns setof md.bars
language sql
stable
begin atomic
    select b.*
      from (select b.*
              from md.bars as b
             where b.symbol = p_symbol
               and b.timeframe = p_timeframe
               and b.bar_end_at <= p_now_at
             order by b.bar_end_at desc
             limit least(greatest(p_limit, 1), 1000)) as b
     order by b.bar_end_at;
end;

comment on function md.list_bars_as_of(text, text, integer, timestamptz) is
$$The last p_limit (1..1000) bars of a symbol that had closed by p_now_at, oldest first.
Why: the only way to bars; none that closes later can come out of it. A parsed body, so that it is
planned as a part of its caller: the limit is known there.$$;

create or replace function md.list_actions_as_of(
    p_symbol   text,
    p_as_of_at timestamptz
)
returns setof md.corporate_actions
language sql
stable
begin atomic
    select a.*
      from md.corporate_actions as a
     where a.symbol = p_symbol
       and a.action_kind <> 'CANCEL'
       and a.announced_at <= p_as_of_at
       and not exists (
            select from md.corporate_actions as c
             where c.cancels_id = a.action_id and c.announced_at <= p_as_of_at)
     order by a.effective_at, a.action_id;
end;

comment on function md.list_actions_as_of(text, timestamptz) is
$$The corporate actions of a symbol that had been announced and not cancelled by p_as_of_at, oldest
first; those still to come too.
Why: what was announced later is not known then, and what was cancelled later still stood.$$;

create or replace function md.get_split_factor(
    p_symbol   text,
    p_after_at timestamptz,
    p_until_at timestamptz,
    out ratio_num numeric,
    out ratio_den numeric
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_split md.corporate_actions;
begin
    ratio_num := 1;
    ratio_den := 1;
    for v_split in
        select a.* from md.list_actions_as_of(p_symbol, p_until_at) as a
         where a.action_kind = 'SPLIT'
           and a.effective_at > p_after_at and a.effective_at <= p_until_at
    loop
        ratio_num := ratio_num * v_split.ratio_num;
        ratio_den := ratio_den * v_split.ratio_den;
    end loop;
end;
$function$;

comment on function md.get_split_factor(text, timestamptz, timestamptz) is
$$How many shares at p_until_at one share of p_after_at has become: ratio_num / ratio_den, exactly, as
was known at p_until_at. A split that takes effect at p_after_at is in the share of p_after_at already.$$;

create or replace function md.restate_price(
    p_symbol       text,
    p_price_micros bigint,
    p_priced_at    timestamptz,
    p_now_at       timestamptz
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select greatest(round(p_price_micros * f.ratio_den / f.ratio_num), 1)::bigint
      from md.get_split_factor(p_symbol, p_priced_at, p_now_at) as f;
$function$;

comment on function md.restate_price(text, bigint, timestamptz, timestamptz) is
$$A price of p_priced_at, in micros, as a price of the shares of p_now_at: over the splits between,
rounded once, half away from zero; at least 1.$$;

create or replace function md.find_action_defect(
    p_kind          text,
    p_symbol        text,
    p_session_on    date,
    p_ratio         text,
    p_num           bigint,
    p_den           bigint,
    p_amount        text,
    p_amount_micros bigint,
    p_record_text   text,
    p_record_on     date,
    p_pay_text      text,
    p_pay_on        date,
    p_known_at      timestamptz,
    p_now_at        timestamptz,
    p_cancels_text  text,
    p_cancels_id    uuid
)
returns text
language sql
immutable
parallel safe
return case
    when p_kind is null or p_kind not in ('SPLIT', 'CASH_DIVIDEND') then 'KIND_UNKNOWN'
    when p_symbol is null then 'SYMBOL_UNKNOWN'
    when p_session_on is null then 'NOT_A_SESSION'
    when p_kind = 'SPLIT' and (p_num = p_den or greatest(p_num, p_den) > 10000)
      or p_kind <> 'SPLIT' and p_ratio is not null then 'RATIO_INVALID'
    when p_kind = 'CASH_DIVIDEND'
         and coalesce(p_amount_micros not between 1 and 1000000000000, true)
      or p_kind <> 'CASH_DIVIDEND' and p_amount is not null then 'AMOUNT_INVALID'
    when p_kind = 'CASH_DIVIDEND' and coalesce(p_pay_on < p_session_on, true)
      or p_kind <> 'CASH_DIVIDEND' and num_nonnulls(p_pay_text, p_record_text) > 0
      or p_record_text is not null and p_record_on is null then 'PAYMENT_INVALID'
    when p_known_at is null or p_known_at > p_now_at then 'ANNOUNCEMENT_INVALID'
    when p_cancels_text is not null and p_cancels_id is null then 'CANCELS_INVALID'
end;

comment on function md.find_action_defect(
    text, text, date, text, bigint, bigint, text, bigint, text, date, text, date, timestamptz,
    timestamptz, text, uuid) is
$$The first law that a row of corporate actions breaks, or null. A split has a ratio of at most 10000 to 1
and nothing else; a dividend an amount and a day of payment not before its ex session; nothing is
announced in the future.$$;

create or replace function md.parse_actions(
    p_rows   jsonb,
    p_now_at timestamptz
)
returns table (
    action  md.corporate_actions,
    finding text,
    detail  text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with typed as (
        select r.*, i.symbol as known_symbol, s.session_on, e.time_zone,
               core.parse_date(r.record_on) as record_day, core.parse_date(r.pay_on) as pay_day,
               case when r.ratio ~ '^[1-9][0-9]{0,4}:[1-9][0-9]{0,4}$'
                    then string_to_array(r.ratio, ':')::bigint[] end as ratio_parts,
               core.parse_micros(r.amount) as amount_micros,
               core.parse_time(r.announced_at) as known_at,
               case when r.cancels ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                    then r.cancels::uuid end as cancels_id
          from jsonb_to_recordset(p_rows) as r (
               line_no bigint, symbol text, action_kind text, ex_on text, ratio text, amount text,
               record_on text, pay_on text, announced_at text, cancels text)
          left join ref.instruments as i on i.symbol = r.symbol
          left join ref.exchanges as e on e.exchange_id = i.exchange_id
          left join ref.sessions as s
            on s.exchange_id = i.exchange_id and s.session_on = core.parse_date(r.ex_on)
    ), lowest as (
        select t.*, coalesce(t.ratio_parts[1] / gcd(t.ratio_parts[1], t.ratio_parts[2]), 1) as num,
               coalesce(t.ratio_parts[2] / gcd(t.ratio_parts[1], t.ratio_parts[2]), 1) as den
          from typed as t
    )
    select row(core.derive_id('action', array[
                   l.symbol, l.action_kind, l.session_on::text, l.num::text, l.den::text,
                   coalesce(l.amount_micros, 0)::text, l.pay_day::text, l.cancels_id::text]),
               l.symbol, l.action_kind, l.session_on, l.session_on::timestamp at time zone l.time_zone,
               l.num, l.den, coalesce(l.amount_micros, 0), l.record_day, l.pay_day,
               l.pay_day::timestamp at time zone l.time_zone, l.cancels_id, l.known_at, null, null,
               l.line_no, null, p_now_at)::md.corporate_actions,
           md.find_action_defect(
               l.action_kind, l.known_symbol, l.session_on, l.ratio, l.num, l.den, l.amount,
               l.amount_micros, l.record_on, l.record_day, l.pay_on, l.pay_day, l.known_at, p_now_at,
               l.cancels, l.cancels_id),
           format('%s %s ex %s ratio %s amount %s pay %s announced %s', l.symbol, l.action_kind, l.ex_on,
                  l.ratio, l.amount, l.pay_on, l.announced_at)
      from lowest as l;
$function$;

comment on function md.parse_actions(jsonb, timestamptz) is
$$Every row of a batch of corporate actions in types, with the first law it breaks (finding), or null.
p_rows: [{line_no, symbol, action_kind SPLIT|CASH_DIVIDEND, ex_on, ratio 'new:old', amount (dollars a
share), record_on, pay_on, announced_at (with offset), cancels (an action_id)}], values as text.
Why: an id is made of what the action says, so the same announcement by two sources is one.$$;

create or replace function md.format_terms(
    p_action md.corporate_actions
)
returns text
language sql
immutable
return case (p_action).action_kind
    when 'SPLIT' then format('%s for %s', (p_action).ratio_num, (p_action).ratio_den)
    when 'CASH_DIVIDEND' then format('%s a share on %s', core.format_micros((p_action).amount_micros),
                                     (p_action).pay_on)
    else 'cancels ' || (p_action).cancels_id end;

comment on function md.format_terms(md.corporate_actions) is
$$What a corporate action does, in words: '2 for 1', '0.24 a share on 2024-02-15'.$$;

create or replace function md.store_action(
    p_action md.corporate_actions
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row  md.corporate_actions := p_action;
    v_twin md.corporate_actions;
begin
    select a.* into v_twin from md.corporate_actions as a
     where a.symbol = p_action.symbol and a.action_kind = p_action.action_kind
       and a.ex_on = p_action.ex_on and a.action_kind <> 'CANCEL'
       and a.action_id is distinct from p_action.cancels_id
       and not exists (select from md.corporate_actions as c where c.cancels_id = a.action_id)
     limit 1;
    perform core.assert_that(
        v_twin.action_id is null, 'MQA40',
        format('line %s CONTRADICTS %s: %s ex %s is announced as %s', p_action.line_no,
               v_twin.action_id, p_action.symbol, p_action.ex_on, md.format_terms(v_twin)));
    perform core.assert_that(
        p_action.cancels_id is null or exists (
            select from md.corporate_actions as a
             where a.action_id = p_action.cancels_id and a.symbol = p_action.symbol
               and a.announced_at <= p_action.announced_at
               and not exists (select from md.corporate_actions as c
                                where c.cancels_id = a.action_id)),
        'MQN11', p_action.cancels_id::text);
    v_row.loaded_by := audit.get_actor();
    insert into md.corporate_actions select v_row.*;
    perform audit.append_desk_event(
        'MARKET', case p_action.action_kind when 'CANCEL' then 'ACTION_CANCELLED'
                                            else 'ACTION_ANNOUNCED' end,
        jsonb_build_object(
            'action_id', p_action.action_id, 'symbol', p_action.symbol,
            'action_kind', p_action.action_kind, 'ex_on', p_action.ex_on,
            'terms', md.format_terms(p_action), 'cancels_id', p_action.cancels_id,
            'announced_at', core.format_iso(p_action.announced_at), 'source', p_action.source,
            'source_sha256', p_action.source_sha256), p_action.loaded_at);
end;
$function$;

comment on function md.store_action(md.corporate_actions) is
$$Stores one corporate action and tells the desk's diary. The caller holds the table's lock.
Why: of one kind, a symbol has one action an ex session; another one must say which it cancels.
Raises: MQA40 it contradicts one that stands; MQN11 what it cancels does not stand.$$;

create or replace function md.load_actions(
    p_source        text,
    p_source_sha256 text,
    p_rows          jsonb,
    p_now_at        timestamptz
)
returns table (
    action_id   uuid,
    symbol      text,
    action_kind text,
    ex_on       date,
    terms       text,
    is_new      boolean,
    stands      boolean
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_bad text;
    v_row md.corporate_actions;
begin
    perform core.assert_that(
        num_nulls(p_source, p_source_sha256, p_now_at) = 0, 'MQA01', 'source, source_sha256, now_at');
    perform core.assert_that(jsonb_typeof(p_rows) = 'array', 'MQA05', jsonb_typeof(p_rows));
    select string_agg(format('line %s %s (%s)', (p.action).line_no, p.finding, p.detail), '; '
                      order by (p.action).line_no) into v_bad
      from md.parse_actions(p_rows, p_now_at) as p
     where p.finding is not null;
    perform core.assert_that(v_bad is null, 'MQA40', left(v_bad, 1000));
    lock table md.corporate_actions in share row exclusive mode;
    for v_row in
        select (p.action).* from md.parse_actions(p_rows, p_now_at) as p
         order by (p.action).line_no, (p.action).action_id
    loop
        action_id := v_row.action_id;
        symbol := v_row.symbol;
        action_kind := v_row.action_kind;
        ex_on := v_row.ex_on;
        terms := md.format_terms(v_row);
        is_new := not exists (select from md.corporate_actions as a
                               where a.action_id = v_row.action_id);
        if is_new then
            v_row.source := p_source;
            v_row.source_sha256 := p_source_sha256;
            perform md.store_action(v_row);
        end if;
        stands := not exists (select from md.corporate_actions as c
                               where c.cancels_id = v_row.action_id);
        return next;
    end loop;
end;
$function$;

comment on function md.load_actions(text, text, jsonb, timestamptz) is
$$Stores announced corporate actions that are not stored yet, all of a batch or none; a row each, with
whether it is new, and whether it stands or was cancelled. p_rows: see md.parse_actions.
Raises: MQA01; MQA05; MQA40 naming every bad row, or one that contradicts what stands.$$;

create or replace function md.list_actions(
    p_symbol text,
    p_now_at timestamptz
)
returns table (
    action_id    uuid,
    symbol       text,
    action_kind  text,
    ex_on        date,
    terms        text,
    stands       boolean,
    announced_at timestamptz,
    source       text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select a.action_id, a.symbol, a.action_kind, a.ex_on, md.format_terms(a),
           a.action_kind <> 'CANCEL' and not exists (
               select from md.corporate_actions as c where c.cancels_id = a.action_id),
           a.announced_at, a.source
      from md.corporate_actions as a
     where a.symbol = coalesce(p_symbol, a.symbol)
       and a.announced_at <= p_now_at
     order by a.ex_on, a.symbol, a.announced_at, a.action_id;
$function$;

comment on function md.list_actions(text, timestamptz) is
$$Corporate actions announced by p_now_at of a symbol, or of all (null), cancelled ones and cancels too.$$;

create or replace function md.cancel_action(
    p_action_id uuid,
    p_reason    text,
    p_now_at    timestamptz
)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row md.corporate_actions;
begin
    perform core.assert_that(num_nulls(p_action_id, p_now_at) = 0, 'MQA01', 'action_id, now_at');
    perform core.assert_that(length(p_reason) between 1 and 500, 'MQA12', p_reason);
    lock table md.corporate_actions in share row exclusive mode;
    select a.* into v_row from md.corporate_actions as a where a.action_id = p_action_id;
    perform core.assert_that(found, 'MQN11', p_action_id::text);
    v_row.action_id := core.derive_id('action', array[v_row.symbol, 'CANCEL', p_action_id::text]);
    v_row.action_kind := 'CANCEL';
    v_row.ratio_num := 1;
    v_row.ratio_den := 1;
    v_row.amount_micros := 0;
    v_row.record_on := null;
    v_row.pay_on := null;
    v_row.pay_at := null;
    v_row.cancels_id := p_action_id;
    v_row.announced_at := p_now_at;
    v_row.source := 'person: ' || p_reason;
    v_row.source_sha256 := core.hash_text(p_reason);
    v_row.line_no := 0;
    v_row.loaded_at := p_now_at;
    perform md.store_action(v_row);
    return v_row.action_id;
end;
$function$;

comment on function md.cancel_action(uuid, text, timestamptz) is
$$Cancels a corporate action that stands, by a row of its own; gives its id. Nothing is deleted: as of a
time before p_now_at it still stands.
Raises: MQA01; MQA12 no reason; MQN11 there is no such action, or it was cancelled before.$$;

create or replace function md.list_marks(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    symbol      text,
    mark_micros bigint,
    bar_end_at  timestamptz
)
language sql
stable
begin atomic
    select u.symbol, md.restate_price(u.symbol, b.close_micros, b.bar_end_at, p_now_at), b.bar_end_at
      from run.universe as u
      left join lateral md.list_bars_as_of(u.symbol, '1D', 1, p_now_at) as b on true
     where u.run_id = p_run_id;
end;

comment on function md.list_marks(uuid, timestamptz) is
$$The last close of each symbol of a run's universe at p_now_at, null where there is none; one of before a
split as a price of the shares of p_now_at.$$;

create or replace function md.get_marks(
    p_run_id uuid,
    p_now_at timestamptz
)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    return (select jsonb_object_agg(m.symbol, m.mark_micros)
              from md.list_marks(p_run_id, p_now_at) as m);
end;
$function$;

comment on function md.get_marks(uuid, timestamptz) is
$$The marks of a run's universe at p_now_at as {symbol: micros}, null where there is none.
Why: looked up once where many orders are judged at the same moment.$$;

create or replace function md.get_complete_session(
    p_run_id uuid,
    p_now_at timestamptz
)
returns ref.sessions
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.*
      from run.universe as u
      join ref.instruments as i on i.symbol = u.symbol
      cross join lateral (
        select s.* from ref.get_closed_session(i.exchange_id, p_now_at) as s) as s
     where u.run_id = p_run_id
       and not exists (
        select from run.universe as other
         where other.run_id = p_run_id
           and not exists (
            select from md.bars as b
             where b.symbol = other.symbol and b.timeframe = '1D' and b.bar_end_at = s.closes_at))
     limit 1;
$function$;

comment on function md.get_complete_session(uuid, timestamptz) is
$$The session that closed last at p_now_at, if every symbol of the run has its bar; null otherwise.
Why: a strategy decides only when it sees the whole bar of every symbol.$$;

create or replace function md.list_gaps(
    p_symbol text,
    p_from_on date,
    p_now_at timestamptz
)
returns table (
    session_on date
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.session_on
      from ref.instruments as i
      join ref.sessions as s using (exchange_id)
     where i.symbol = p_symbol
       and s.session_on >= greatest(p_from_on, i.listed_on)
       and s.session_on < coalesce(i.delisted_on, 'infinity')
       and s.closes_at <= p_now_at
       and not exists (
        select from md.bars as b
         where b.symbol = p_symbol and b.timeframe = '1D' and b.bar_end_at = s.closes_at)
     order by s.session_on;
$function$;

comment on function md.list_gaps(text, date, timestamptz) is
$$Sessions from p_from_on on that had closed by p_now_at and for which the symbol has no daily bar.
Why: gaps are counted in exchange sessions; a holiday is none.$$;

create or replace function md.set_policy(
    p_run_id            uuid,
    p_stale_after_ms    bigint,
    p_gap_window_bars   integer
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into md.policies (run_id, stale_after_ms, gap_window_bars)
    values (p_run_id, p_stale_after_ms, p_gap_window_bars);
$function$;

comment on function md.set_policy(uuid, bigint, integer) is
$$Pins a run's data policy at its creation.
Raises: 23514 out of range; 23505 set already.$$;

create or replace function md.evaluate_integrity(
    p_run_id uuid,
    p_now_at timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run    run.runs;
    v_policy md.policies;
    v_due_at timestamptz;
    v_bad    text;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    select p.* into strict v_policy from md.policies as p where p.run_id = p_run_id;
    v_due_at := run.clamp_now(p_run_id, p_now_at) - v_policy.stale_after_ms * interval '1 ms';

    select string_agg(format('%s lacks %s', m.symbol, m.sessions), '; ' order by m.symbol) into v_bad
      from (select u.symbol, string_agg(g.session_on::text, ', ' order by g.session_on) as sessions
              from run.universe as u
              join ref.instruments as i on i.symbol = u.symbol
              cross join lateral (
                select min(w.session_on) as from_on
                  from (select s.session_on from ref.sessions as s
                         where s.exchange_id = i.exchange_id and s.closes_at <= v_due_at
                         order by s.session_on desc limit v_policy.gap_window_bars) as w) as w
              cross join lateral md.list_gaps(u.symbol, w.from_on, v_due_at) as g
             where u.run_id = p_run_id
             group by u.symbol) as m;
    if v_bad is null and not exists (
        select from ref.sessions as s where s.closes_at > p_now_at)
    then
        v_bad := 'the session calendar has ended';
    end if;
    perform run.set_gate(
        p_run_id, 'INTEGRITY', v_bad is null, left(coalesce(v_bad, 'bars are complete'), 500),
        jsonb_build_object('due_at', v_due_at),
        run.clamp_now(p_run_id, p_now_at) + v_run.gate_ttl_ms * interval '1 ms', p_now_at);
    return coalesce(v_bad, 'complete');
end;
$function$;

comment on function md.evaluate_integrity(uuid, timestamptz) is
$$Looks for missing or late bars of a run's symbols over its gap window and sets gate INTEGRITY.
Gives 'complete', or what is missing.
Why: a strategy must not decide on holes; a session's bar may be late by stale_after_ms, not more.
Raises: MQN02; MQA03.$$;

create or replace function md.get_quality(
    p_symbols text[],
    p_now_at  timestamptz
)
returns table (
    symbol        text,
    timeframe     text,
    rows_stored   bigint,
    rows_rejected bigint,
    gaps          bigint,
    first_on      date,
    last_on       date
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select b.symbol, '1D', count(*),
           (select count(*) from md.findings as f where f.symbol = b.symbol),
           (select count(*) from md.list_gaps(b.symbol, min(b.session_on), max(b.bar_end_at))),
           min(b.session_on), max(b.session_on)
      from md.bars as b
     where b.symbol = any (p_symbols)
       and b.bar_end_at <= p_now_at
     group by b.symbol
     order by b.symbol;
$function$;

comment on function md.get_quality(text[], timestamptz) is
$$How many bars each symbol has, how many were refused, and the sessions missing between its first
and last bar.$$;

create or replace trigger _900_refuse_change before update or delete on md.bars
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.findings
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on md.ingests
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.corporate_actions
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.corporate_actions
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.bars
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.findings
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.ingests
for each statement execute function core.tg_refuse_change();

commit;
