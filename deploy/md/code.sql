-- Deploy mqk:md/code to pg
-- built from sql/md by `make code`: edit there

begin;

set local role mqk_owner;

create or replace function md.keep_raw(
    p_feed         text,
    p_request      jsonb,
    p_content_type text,
    p_body         bytea,
    p_now_at       timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_secrets text;
    v_sha256  text;
begin
    perform core.assert_that(
        num_nulls(p_feed, p_request, p_content_type, p_body, p_now_at) = 0, 'MQA01',
        'feed, request, content_type, body, now_at');
    v_secrets := core.find_secret(p_request::text);
    perform core.assert_that(v_secrets is null, 'MQA30', v_secrets);
    insert into md.raws (feed, request, content_type, body, fetched_by, fetched_at)
    values (p_feed, p_request, p_content_type, p_body, audit.get_actor(), p_now_at)
    on conflict (raw_sha256) do nothing
    returning raw_sha256 into v_sha256;
    return coalesce(v_sha256, encode(sha256(p_body), 'hex'));
end;
$function$;

comment on function md.keep_raw(text, jsonb, text, bytea, timestamptz) is
$$Keeps what a feed answered, byte for byte; gives the SHA-256 of the body. The same body again: nothing.
Why: what was read out of an answer can be read out of it again, also when it was refused.
Raises: MQA01; MQA30 a secret in the request; 23514 a feed without a name, a body above 64 MiB.$$;

create or replace function md.is_batch(
    p_rows jsonb
)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select case jsonb_typeof(p_rows)
               when 'array' then true
               when 'object' then jsonb_typeof(p_rows -> 'lines') = 'string'
                    and jsonb_typeof(p_rows -> 'columns') = 'array'
                    and jsonb_array_length(p_rows -> 'columns') = (
                        select count(distinct c.name)
                          from unnest(array[
                               'line_no', 'symbol', 'timeframe', 'session_on', 'starts_at', 'ends_at',
                               'open', 'high', 'low', 'close', 'volume', 'is_complete']) as c (name)
                         where p_rows -> 'columns' ? c.name)
               else false end;
$function$;

comment on function md.is_batch(jsonb) is
$$Whether rows have one of the two forms that md.read_rows takes; no column is unknown or named twice.$$;

create or replace function md.is_plain(
    p_rows jsonb
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with shapes (name, shape) as (
        values ('line_no', '[0-9]{1,15}'), ('volume', '[0-9]{1,15}'),
               ('open', '[0-9]{1,8}([.][0-9]{1,6})?'), ('high', '[0-9]{1,8}([.][0-9]{1,6})?'),
               ('low', '[0-9]{1,8}([.][0-9]{1,6})?'), ('close', '[0-9]{1,8}([.][0-9]{1,6})?'),
               ('starts_at', '@'), ('ends_at', '@')
    ),
    wanted as (
        select string_agg(replace(coalesce(s.shape, e'[^\t\n]*'), '@',
                   '[12][0-9]{3}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])'
                   '|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))'
                   '[T ]([01][0-9]|2[0-3])(:[0-5][0-9]){2}(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])'),
               e'\t' order by c.nth) as line
          from jsonb_array_elements_text(p_rows -> 'columns') with ordinality as c (name, nth)
          left join shapes as s on s.name = c.name
    )
    select coalesce(p_rows ->> 'lines' ~ ('^(' || w.line || e'\n)*' || w.line || '$'), false)
      from wanted as w;
$function$;

comment on function md.is_plain(jsonb) is
$$Whether every line of a batch has the common shape, in which a cast reads each number and time exactly
and cannot fail. False says nothing: then each value is looked at by itself.
Why: one look at a megabyte costs a hundredth of a million looks at a few bytes.$$;

create or replace function md.hash_rows(
    p_rows jsonb
)
returns text
language sql
stable
parallel safe
return case jsonb_typeof(p_rows)
    when 'object' then encode(sha256(
        convert_to((p_rows - 'lines')::text, 'UTF8') || convert_to(p_rows ->> 'lines', 'UTF8')), 'hex')
    else core.hash_text(p_rows::text) end;

comment on function md.hash_rows(jsonb) is
$$SHA-256 of the rows of a batch, in the form in which they came.$$;

create or replace function md.read_rows(
    p_rows jsonb
)
returns setof md.told_bar
language sql
stable
begin atomic
    with place as (
        select p.wide, n.*
          from (select count(*) as wide, coalesce(jsonb_object_agg(c.name, c.nth), '{}') as nth
                  from jsonb_array_elements_text(p_rows -> 'columns') with ordinality as c (name, nth)
               ) as p
          cross join lateral jsonb_to_record(p.nth) as n (
               line_no integer, symbol integer, timeframe integer, session_on integer,
               starts_at integer, ends_at integer, open integer, high integer, low integer,
               close integer, volume integer, is_complete integer)
    )
    select r.line_no, r.symbol, r.timeframe, r.session_on, r.starts_at, r.ends_at, r.open, r.high,
           r.low, r.close, r.volume, r.is_complete, true,
           format('%s %s o=%s h=%s l=%s c=%s v=%s', r.symbol,
                  coalesce(r.session_on, r.starts_at, r.ends_at), r.open, r.high, r.low, r.close,
                  r.volume)
      from jsonb_to_recordset(case jsonb_typeof(p_rows) when 'array' then p_rows else '[]' end) as r (
           line_no text, symbol text, timeframe text, session_on text, starts_at text, ends_at text,
           open text, high text, low text, close text, volume text, is_complete text)
     union all
    select l.f[p.line_no], l.f[p.symbol], l.f[p.timeframe], l.f[p.session_on], l.f[p.starts_at],
           l.f[p.ends_at], l.f[p.open], l.f[p.high], l.f[p.low], l.f[p.close], l.f[p.volume],
           l.f[p.is_complete], cardinality(l.f) = p.wide, l.line
      from (select string_to_array(l.line, e'\t') as f, l.line
              from string_to_table(p_rows ->> 'lines', e'\n') as l (line)
            offset 0) as l
      cross join place as p;
end;

comment on function md.read_rows(jsonb) is
$$The rows of a batch as text. p_rows is an array of objects, or {"columns": [names], "lines": text}:
a line a row, its fields parted by tabs, in the order of the columns.
Why: to take a hundred thousand objects apart costs more than to judge them.$$;

create or replace function md.read_count(
    p_text     text,
    p_is_plain boolean
)
returns bigint
language sql
immutable
parallel safe
return case when p_is_plain then p_text::bigint else core.parse_shares(p_text) end;

comment on function md.read_count(text, boolean) is
$$A volume or a line number of a batch, or null. p_is_plain: md.is_plain has seen it.$$;

create or replace function md.read_micros(
    p_text     text,
    p_is_plain boolean
)
returns bigint
language sql
immutable
parallel safe
return case when p_is_plain then (p_text::numeric * 1000000)::bigint else core.parse_micros(p_text) end;

comment on function md.read_micros(text, boolean) is
$$A price of a batch in micros, exactly, or null. p_is_plain: md.is_plain has seen it.$$;

create or replace function md.read_time(
    p_text     text,
    p_is_plain boolean
)
returns timestamptz
language sql
stable
parallel safe
return case when p_is_plain then p_text::timestamptz else core.parse_time(p_text) end;

comment on function md.read_time(text, boolean) is
$$An instant of a batch, or null. p_is_plain: md.is_plain has seen it.$$;

create or replace function md.type_rows(
    p_rows jsonb
)
returns table (
    line_no     bigint,
    symbol      text,
    exchange_id text,
    timeframe   text,
    times       integer,
    day_on      date,
    start_at    timestamptz,
    end_at      timestamptz,
    o           bigint,
    h           bigint,
    l           bigint,
    c           bigint,
    v           bigint,
    flag        text,
    is_whole    boolean,
    told        text
)
language sql
stable
begin atomic
    select md.read_count(r.line_no, p.yes), r.symbol, i.exchange_id, r.timeframe,
           num_nonnulls(r.session_on, r.starts_at, r.ends_at), core.parse_date(r.session_on),
           md.read_time(r.starts_at, p.yes), md.read_time(r.ends_at, p.yes),
           md.read_micros(r.open, p.yes), md.read_micros(r.high, p.yes),
           md.read_micros(r.low, p.yes), md.read_micros(r.close, p.yes),
           md.read_count(r.volume, p.yes), coalesce(r.is_complete, 'true'), r.is_whole, r.told
      from md.read_rows(p_rows) as r
     cross join (select md.is_plain(p_rows) as yes offset 0) as p
      left join ref.instruments as i on i.symbol = r.symbol;
end;

comment on function md.type_rows(jsonb) is
$$Every row of a batch in types; what cannot be read is null. times: how many of session_on, starts_at and
ends_at it has.$$;

create or replace function md.parse_bars(
    p_timeframe text,
    p_rows      jsonb,
    p_now_at    timestamptz
)
returns setof md.judged_bar
language sql
stable
set search_path = pg_catalog, pg_temp
set enable_mergejoin = off
set work_mem = '32MB'
as $function$
    with typed as materialized (
        select r.*, coalesce(r.start_at, r.end_at - interval '1 us') as at,
               date_bin('1 day', coalesce(r.start_at, r.end_at - interval '1 us'), 'epoch') as from_at
          from (select w.* from md.type_rows(p_rows) as w offset 0) as r
    ),
    days as (
        select d.exchange_id, d.from_at, s.session_on, s.opens_at, s.closes_at
          from (select distinct t.exchange_id, t.from_at from typed as t) as d
          cross join lateral ref.list_sessions_of_day(d.exchange_id, d.from_at) as s
    ),
    slotted as (
        select t.*, coalesce(n.session_on, d.session_on) as session_on,
               ref.compute_slot_start(f.bar_length, d.opens_at, t.at) as slot_at,
               coalesce(n.closes_at, ref.compute_slot_end(
                   f.bar_length, d.opens_at, d.closes_at, t.at)) as slot_end_at
          from typed as t
          join ref.timeframes as f on f.timeframe = p_timeframe
          left join days as d
            on d.exchange_id = t.exchange_id and d.from_at = t.from_at
           and d.opens_at <= t.at and d.closes_at > t.at
          left join ref.sessions as n on n.exchange_id = t.exchange_id and n.session_on = t.day_on
        offset 0
    )
    select s.line_no, s.symbol, s.session_on, s.slot_end_at, s.o, s.h, s.l, s.c, s.v,
           case when not s.is_whole then 'FIELDS_MISSING'
                when s.timeframe is distinct from p_timeframe then 'TIMEFRAME_DIFFERS'
                when s.exchange_id is null then 'SYMBOL_UNKNOWN'
                when s.times <> 1 or num_nonnulls(s.day_on, s.at) <> 1
                     or s.day_on is not null and p_timeframe <> '1D' then 'TIME_INVALID'
                when s.session_on is null and s.day_on is not null then 'NOT_A_SESSION'
                when s.session_on is null then 'OUT_OF_SESSION'
                when p.symbol is null then 'NOT_LISTED'
                when s.start_at <> s.slot_at or s.end_at <> s.slot_end_at then 'NOT_ON_GRID'
                when s.flag <> 'true' then
                     case s.flag when 'false' then 'INCOMPLETE' else 'FLAG_INVALID' end
                when s.slot_end_at > p_now_at then 'NOT_CLOSED'
                when num_nulls(s.o, s.h, s.l, s.c) > 0 or least(s.o, s.h, s.l, s.c) <= 0
                     or greatest(s.o, s.h, s.l, s.c) > 10000000000000 then 'PRICE_INVALID'
                when s.l > least(s.o, s.c) or s.h < greatest(s.o, s.c) then 'OHLC_INSANE'
                when s.v is null or s.v < 0 then 'VOLUME_INVALID' end,
           s.told
      from slotted as s
      left join ref.list_periods() as p
        on p.symbol = s.symbol and p.is_listed
       and s.session_on >= p.listed_on and s.session_on < p.delisted_on;
$function$;

comment on function md.parse_bars(text, jsonb, timestamptz) is
$$Every row of a batch in types, with the first law it breaks as its verdict, or null when it is good.
p_rows: as md.read_rows takes them, values as text, one of session_on (1D) | starts_at | ends_at (with
offset); is_complete may be left out.
Why: a bar is a slot of an exchange session on which its symbol was listed, and is known only once that
slot has ended.$$;

create or replace function md.is_rejected(
    p_verdict text
)
returns boolean
language sql
immutable
parallel safe
return p_verdict <> all (array['NEW', 'KNOWN', 'INCOMPLETE', 'OUT_OF_SESSION', 'DUPLICATE']);

comment on function md.is_rejected(text) is
$$Whether a row was refused. NEW is stored, KNOWN was; INCOMPLETE (still forming), OUT_OF_SESSION (before
the open, after the close) and DUPLICATE (the same row twice in a batch) are passed over.$$;

create or replace function md.judge_bars(
    p_feed      text,
    p_is_second boolean,
    p_timeframe text,
    p_rows      jsonb,
    p_now_at    timestamptz
)
returns setof md.judged_bar
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with parsed as materialized (
        select p.*, row_number() over () as nth
          from md.parse_bars(p_timeframe, p_rows, p_now_at) as p
    ),
    repeated as (
        select p.symbol, p.bar_end_at, min(p.nth) as first, count(distinct (
               p.open_micros, p.high_micros, p.low_micros, p.close_micros, p.volume)) as versions
          from (select g.symbol, g.bar_end_at from parsed as g where g.verdict is null
                 group by g.symbol, g.bar_end_at having count(*) > 1) as r
          join parsed as p
            on p.symbol = r.symbol and p.bar_end_at = r.bar_end_at and p.verdict is null
         group by p.symbol, p.bar_end_at
    )
    select c.line_no, c.symbol, c.session_on, c.bar_end_at, c.open_micros, c.high_micros, c.low_micros,
           c.close_micros, c.volume,
           case when c.verdict is not null then c.verdict
                when r.versions > 1 then 'CONFLICT_IN_BATCH'
                when c.nth > r.first then 'DUPLICATE'
                when b.volume is null then 'NEW'
                when (b.open_micros, b.high_micros, b.low_micros, b.close_micros, b.volume)
                     = (c.open_micros, c.high_micros, c.low_micros, c.close_micros, c.volume)
                then 'KNOWN'
                else 'CONFLICT' end,
           c.detail
      from parsed as c
      left join repeated as r on r.symbol = c.symbol and r.bar_end_at = c.bar_end_at
      left join lateral (
        select b.open_micros, b.high_micros, b.low_micros, b.close_micros, b.volume
          from md.bars as b
         where not p_is_second and b.symbol = c.symbol and b.timeframe = p_timeframe
           and b.bar_end_at = c.bar_end_at
         union all
        select o.open_micros, o.high_micros, o.low_micros, o.close_micros, o.volume
          from md.observations as o
         where p_is_second and o.symbol = c.symbol and o.timeframe = p_timeframe
           and o.bar_end_at = c.bar_end_at and o.feed = p_feed) as b on c.verdict is null;
$function$;

comment on function md.judge_bars(text, boolean, text, jsonb, timestamptz) is
$$Every row of a batch with its verdict: a law that it breaks, or NEW, KNOWN, DUPLICATE in the batch,
CONFLICT with what is stored, CONFLICT_IN_BATCH with another row (then none of them is taken).
Why: what becomes of a row does not depend on the order of the rows.$$;

create or replace function md.count_rows(
    p_rows md.judged_bar[]
)
returns md.ingests
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_report md.ingests;
begin
    with counted as (
        select r.verdict, count(*) as n from unnest(p_rows) as r group by r.verdict
    )
    select coalesce(sum(c.n), 0),
           coalesce(sum(c.n) filter (where c.verdict = 'NEW'), 0),
           coalesce(sum(c.n) filter (where c.verdict = 'KNOWN'), 0),
           coalesce(sum(c.n) filter (where md.is_rejected(c.verdict)), 0),
           coalesce(jsonb_object_agg(c.verdict, c.n) filter (
               where c.verdict in ('INCOMPLETE', 'OUT_OF_SESSION', 'DUPLICATE')), '{}')
      into v_report.rows_read, v_report.rows_stored, v_report.rows_known, v_report.rows_rejected,
           v_report.skipped
      from counted as c;
    v_report.rows_skipped := v_report.rows_read - v_report.rows_stored - v_report.rows_known
                             - v_report.rows_rejected;
    return v_report;
end;
$function$;

comment on function md.count_rows(md.judged_bar[]) is
$$How many rows of a batch were stored, known, passed over and refused.$$;

create or replace function md.ingest_bars(
    p_feed       text,
    p_is_second  boolean,
    p_raws       jsonb,
    p_normaliser text,
    p_timeframe  text,
    p_policy     text,
    p_rows       jsonb,
    p_now_at     timestamptz
)
returns md.ingests
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_report md.ingests;
    v_rows   md.judged_bar[];
    v_bad    text;
begin
    perform core.assert_that(
        num_nulls(p_feed, p_is_second, p_normaliser, p_timeframe, p_now_at) = 0
        and jsonb_array_length(p_raws) > 0, 'MQA01',
        'feed, is_second, raws, normaliser, timeframe, now_at');
    perform core.assert_that(
        p_policy in ('REFUSE', 'KEEP_GOOD'), 'MQA02', 'policy in REFUSE, KEEP_GOOD');
    perform core.assert_that(
        exists (select from ref.timeframes as t where t.timeframe = p_timeframe), 'MQA02',
        format('timeframe %s: 1m, 5m, 15m, 1H or 1D', p_timeframe));
    perform core.assert_that(
        jsonb_typeof(p_rows) = 'array' or md.is_batch(p_rows), 'MQA05', format(
            'rows: an array of objects, or {"columns": [known names, once], "lines": text}; found %s',
            coalesce(jsonb_typeof(p_rows), 'null')));
    perform pg_advisory_xact_lock(hashtextextended('md.ingest ' || p_timeframe, 0));
    v_rows := array(select j from md.judge_bars(
                        p_feed, p_is_second, p_timeframe, p_rows, p_now_at) as j);
    v_report := md.count_rows(v_rows);
    v_report.feed := p_feed;
    v_report.is_second := p_is_second;
    v_report.normaliser := p_normaliser;
    v_report.timeframe := p_timeframe;
    v_report.policy := p_policy;
    v_report.rows_sha256 := md.hash_rows(p_rows);
    v_report.ingested_by := audit.get_actor();
    v_report.ingested_at := p_now_at;
    if p_policy = 'REFUSE' and v_report.rows_rejected > 0 then
        select string_agg(format('line %s %s (%s)', f.line_no, f.verdict, left(f.detail, 200)), '; '
                          order by f.line_no) into v_bad
          from (select f.* from unnest(v_rows) as f
                 where md.is_rejected(f.verdict) order by f.line_no limit 5) as f;
        perform core.raise_error('MQA09', format(
            '%s of %s rows: %s', v_report.rows_rejected, v_report.rows_read, v_bad));
    end if;
    return md.store_bars(v_report, p_raws, v_rows);
end;
$function$;

comment on function md.ingest_bars(
    text, boolean, jsonb, text, text, text, jsonb, timestamptz) is
$$Stores a batch of closed bars and gives its report. The same batch again changes nothing, unless a
row is judged otherwise by now: its slot has ended, its symbol is known.
p_is_second: a second opinion, kept as observations. p_raws: the kept answers (md.keep_raw) that the rows
were read from by p_normaliser.
Policy REFUSE: one bad row refuses the whole batch; KEEP_GOOD: bad rows become findings.
Why: bars and report are one transaction; a stored bar is never overwritten.
Raises: MQA01; MQA02; MQA05; MQA09 naming the first five bad rows; 23503 an answer that was not kept.$$;

create or replace function md.store_bars(
    p_report md.ingests,
    p_raws   jsonb,
    p_rows   md.judged_bar[]
)
returns md.ingests
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_report md.ingests := p_report;
begin
    v_report.ingest_id := core.derive_id('ingest', array[
        p_report.feed, p_report.is_second::text, p_report.normaliser, p_report.timeframe,
        p_report.rows_sha256, p_raws::text,
        (select string_agg(format('%s %s', r.line_no, r.verdict), ',' order by r.line_no)
           from unnest(p_rows) as r where r.verdict not in ('NEW', 'KNOWN'))]);
    if exists (select from md.ingests as i where i.ingest_id = v_report.ingest_id) then
        select i.* into v_report from md.ingests as i where i.ingest_id = v_report.ingest_id;
        return v_report;
    end if;
    insert into md.ingests (
        ingest_id, feed, is_second, normaliser, rows_sha256, timeframe, policy, rows_read, rows_stored,
        rows_known, rows_skipped, rows_rejected, skipped, ingested_by, ingested_at)
    select v_report.ingest_id, v_report.feed, v_report.is_second, v_report.normaliser,
           v_report.rows_sha256, v_report.timeframe, v_report.policy, v_report.rows_read,
           v_report.rows_stored, v_report.rows_known, v_report.rows_skipped, v_report.rows_rejected,
           v_report.skipped, v_report.ingested_by, v_report.ingested_at
    returning * into v_report;
    insert into md.sources (ingest_id, source_no, raw_sha256)
    select v_report.ingest_id, s.nth, s.raw_sha256
      from jsonb_array_elements_text(p_raws) with ordinality as s (raw_sha256, nth);
    perform md.store_new(v_report, p_rows);
    perform md.store_findings(v_report, p_rows);
    insert into md.feed_marks (feed, symbol, timeframe, last_bar_end_at, heard_at)
    select v_report.feed, r.symbol, v_report.timeframe, max(r.bar_end_at), v_report.ingested_at
      from unnest(p_rows) as r
     where r.verdict in ('NEW', 'KNOWN')
     group by r.symbol
     order by r.symbol
    on conflict (feed, symbol, timeframe) do update
       set last_bar_end_at = greatest(feed_marks.last_bar_end_at, excluded.last_bar_end_at),
           heard_at        = greatest(feed_marks.heard_at, excluded.heard_at);
    perform audit.append_desk_event(
        'MARKET', 'BARS_INGESTED', to_jsonb(v_report) - 'ingested_at', v_report.ingested_at);
    perform pg_notify('mqk_bars', v_report.timeframe);
    return v_report;
end;
$function$;

comment on function md.store_bars(md.ingests, jsonb, md.judged_bar[]) is
$$Writes an accepted batch: its report, the answers it came from, bars, findings, how far the feed has come.
Its id is derived from all that went into it and from the verdicts.
Why: the same batch with the same verdicts is one ingest, however often it comes.$$;

create or replace function md.store_new(
    p_report md.ingests,
    p_rows   md.judged_bar[]
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    if p_report.is_second then
        insert into md.observations (
            feed, symbol, timeframe, bar_end_at, session_on, open_micros, high_micros, low_micros,
            close_micros, volume, ingest_id)
        select p_report.feed, r.symbol, p_report.timeframe, r.bar_end_at, r.session_on, r.open_micros,
               r.high_micros, r.low_micros, r.close_micros, r.volume, p_report.ingest_id
          from unnest(p_rows) as r
         where r.verdict = 'NEW'
         order by r.symbol, r.bar_end_at;
    else
        insert into md.bars (
            symbol, timeframe, bar_end_at, session_on, open_micros, high_micros, low_micros,
            close_micros, volume, ingest_id)
        select r.symbol, p_report.timeframe, r.bar_end_at, r.session_on, r.open_micros, r.high_micros,
               r.low_micros, r.close_micros, r.volume, p_report.ingest_id
          from unnest(p_rows) as r
         where r.verdict = 'NEW'
         order by r.symbol, r.bar_end_at;
    end if;
end;
$function$;

comment on function md.store_new(md.ingests, md.judged_bar[]) is
$$Stores the new rows of a batch: as bars, or as observations of a second feed.$$;

create or replace function md.store_findings(
    p_report md.ingests,
    p_rows   md.judged_bar[]
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    insert into md.findings (ingest_id, line_no, symbol, finding, detail)
    select p_report.ingest_id, coalesce(r.line_no, 0), r.symbol, r.verdict,
           left(replace(r.detail, e'\t', ' '), 300)
      from unnest(p_rows) as r
     where md.is_rejected(r.verdict);
    if not p_report.is_second then
        insert into md.conflicts (
            ingest_id, line_no, symbol, timeframe, bar_end_at, open_micros, high_micros, low_micros,
            close_micros, volume, found_at)
        select p_report.ingest_id, coalesce(r.line_no, 0), r.symbol, p_report.timeframe, r.bar_end_at,
               r.open_micros, r.high_micros, r.low_micros, r.close_micros, r.volume,
               p_report.ingested_at
          from unnest(p_rows) as r
         where r.verdict = 'CONFLICT'
            on conflict on constraint conflicts_are_found_once do nothing;
    end if;
end;
$function$;

comment on function md.store_findings(md.ingests, md.judged_bar[]) is
$$Keeps the refused rows of a batch, and the other values of a stored bar beside it.$$;

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

create or replace function md.list_effective_actions(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    action_id     text,
    symbol        text,
    action_kind   text,
    effective_at  text,
    ratio_num     bigint,
    ratio_den     bigint,
    amount_micros bigint,
    pay_at        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select a.action_id::text, a.symbol, a.action_kind, core.format_iso(a.effective_at), a.ratio_num,
           a.ratio_den, a.amount_micros, core.format_iso(a.pay_at)
      from run.universe as u
     cross join lateral md.list_actions_as_of(u.symbol, p_now_at) as a
     where u.run_id = p_run_id and a.effective_at <= p_now_at
     order by a.effective_at, a.action_id;
$function$;

comment on function md.list_effective_actions(uuid, timestamptz) is
$$The corporate actions of a run's symbols that have taken effect by p_now_at: what a paper market is told,
as a real one would know it by itself.$$;

create or replace function md.get_split_factor_known(
    p_symbol   text,
    p_after_at timestamptz,
    p_until_at timestamptz,
    p_as_of_at timestamptz,
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
        select a.* from md.list_actions_as_of(p_symbol, p_as_of_at) as a
         where a.action_kind = 'SPLIT'
           and a.effective_at > p_after_at and a.effective_at <= p_until_at
    loop
        ratio_num := ratio_num * v_split.ratio_num;
        ratio_den := ratio_den * v_split.ratio_den;
    end loop;
end;
$function$;

comment on function md.get_split_factor_known(text, timestamptz, timestamptz, timestamptz) is
$$How many shares at p_until_at one share of p_after_at has become: ratio_num / ratio_den, exactly, by the
splits that were known at p_as_of_at. One that takes effect at p_after_at is in that share already.$$;

create or replace function md.get_split_factor(
    p_symbol   text,
    p_after_at timestamptz,
    p_until_at timestamptz,
    out ratio_num numeric,
    out ratio_den numeric
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select f.ratio_num, f.ratio_den
      from md.get_split_factor_known(p_symbol, p_after_at, p_until_at, p_until_at) as f;
$function$;

comment on function md.get_split_factor(text, timestamptz, timestamptz) is
$$How many shares at p_until_at one share of p_after_at has become, as was known at p_until_at: see
md.get_split_factor_known.$$;

create or replace function md.list_usual_ratios()
returns table (num bigint, den bigint)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select s.num, s.den
      from (values (3::bigint, 2::bigint), (5, 2)) as s (num, den)
     union all
    select n, 1 from generate_series(2::bigint, 50) as n
     union all
    select 1, n from generate_series(2::bigint, 50) as n;
$function$;

comment on function md.list_usual_ratios() is
$$Ratios, new shares for old ones, in which shares are split as a rule.$$;

create or replace function md.list_unexplained_jumps(
    p_symbol        text,
    p_timeframe     text,
    p_from_on       date,
    p_tolerance_bps integer,
    p_now_at        timestamptz
)
returns table (
    session_on   date,
    before_micros bigint,
    open_micros  bigint,
    looks_like   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with days as (
        select b.session_on, min(b.bar_end_at) as first_at, max(b.bar_end_at) as last_at
          from md.bars as b
         where b.symbol = p_symbol and b.timeframe = p_timeframe
           and b.session_on >= p_from_on and b.bar_end_at <= p_now_at
         group by b.session_on
    ), nights as (
        select d.session_on, d.first_at, lag(d.last_at) over (order by d.session_on) as before_at
          from days as d
    ), jumps as (
        select n.session_on, c.close_micros, o.open_micros,
               c.close_micros * f.ratio_den / (o.open_micros * f.ratio_num) as factor
          from nights as n
          join md.bars as c
            on (c.symbol, c.timeframe, c.bar_end_at) = (p_symbol, p_timeframe, n.before_at)
          join md.bars as o
            on (o.symbol, o.timeframe, o.bar_end_at) = (p_symbol, p_timeframe, n.first_at)
         cross join lateral md.get_split_factor_known(p_symbol, n.before_at, n.first_at, p_now_at) as f
    )
    select j.session_on, j.close_micros, j.open_micros, r.looks_like
      from jumps as j
     cross join lateral (
        select format('%s for %s', r.num, r.den) as looks_like
          from md.list_usual_ratios() as r
         where abs(j.factor * r.den - r.num) * 10000 <= r.num * p_tolerance_bps::numeric
         order by abs(j.factor * r.den / r.num - 1), r.num, r.den
         limit 1) as r
     where p_tolerance_bps > 0
       and not exists (select from md.cleared_jumps as x
                        where x.symbol = p_symbol and x.session_on = j.session_on
                          and x.cleared_at <= p_now_at)
     order by j.session_on;
$function$;

comment on function md.list_unexplained_jumps(text, text, date, integer, timestamptz) is
$$Sessions from p_from_on on whose first open stands to the close before it as if shares had been split,
within p_tolerance_bps (0: none is looked for), after the splits that are known at p_now_at: a split that
nobody announced, or one that the bars do not show, because the feed had adjusted them. Not those that a
person has cleared.
Why: a fall of half may be a split or a catastrophe; a machine that guesses trades on the guess.$$;

create or replace function md.clear_jump(
    p_symbol     text,
    p_session_on date,
    p_reason     text,
    p_now_at     timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        num_nulls(p_symbol, p_session_on, p_now_at) = 0, 'MQA01', 'symbol, session_on, now_at');
    perform core.assert_that(length(p_reason) between 1 and 500, 'MQA12', p_reason);
    perform core.assert_that(
        exists (select from md.bars as b where b.symbol = p_symbol and b.session_on = p_session_on),
        'MQN12', format('%s %s', p_symbol, p_session_on));
    insert into md.cleared_jumps (symbol, session_on, reason, cleared_by, cleared_at)
    values (p_symbol, p_session_on, p_reason, audit.get_actor(), p_now_at)
    on conflict (symbol, session_on) do nothing;
    if found then
        perform audit.append_desk_event(
            'MARKET', 'JUMP_CLEARED',
            jsonb_build_object('symbol', p_symbol, 'session_on', p_session_on, 'reason', p_reason),
            p_now_at);
    end if;
    return found;
end;
$function$;

comment on function md.clear_jump(text, date, text, timestamptz) is
$$A person says that the jump of a symbol before a session is no split; false when it was said before.
Raises: MQA01; MQA12 no reason; MQN12 there is no bar of that session.$$;

create or replace function md.find_jumps(
    p_run_id uuid,
    p_now_at timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select string_agg(format('SPLIT_SUSPECTED: %s from %s to %s on %s looks like %s', u.symbol,
                             core.format_micros(j.before_micros), core.format_micros(j.open_micros),
                             j.session_on, j.looks_like), '; ' order by u.symbol, j.session_on)
      from run.runs as r
      join run.configs as c using (config_hash)
      join run.universe as u using (run_id)
      join md.policies as p using (run_id)
     cross join lateral (
        select min(b.session_on) as from_on
          from md.list_bars_as_of(u.symbol, p.timeframe, p.gap_window_bars + 1, p_now_at) as b) as w
     cross join lateral md.list_unexplained_jumps(
           u.symbol, p.timeframe, w.from_on, (c.config #>> '{data,split_tolerance_bps}')::integer,
           p_now_at) as j
     where r.run_id = p_run_id;
$function$;

comment on function md.find_jumps(uuid, timestamptz) is
$$The jumps in the gap window of a run that look like splits and that nothing explains, in words,
or null.$$;

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
    select case when p_price_micros is not null
                then greatest(round(p_price_micros * f.ratio_den / f.ratio_num), 1) end::bigint
      from md.get_split_factor(p_symbol, p_priced_at, p_now_at) as f;
$function$;

comment on function md.restate_price(text, bigint, timestamptz, timestamptz) is
$$A price of p_priced_at, in micros, as a price of the shares of p_now_at: over the splits between,
rounded once, half away from zero; at least 1. An unknown price stays unknown.$$;

create or replace function md.list_adjustment_factors(
    p_symbol     text,
    p_timeframe  text,
    p_adjustment text,
    p_as_of_at   timestamptz
)
returns table (
    effective_at timestamptz,
    price_num    numeric,
    price_den    numeric,
    qty_num      numeric,
    qty_den      numeric
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with recursive acts as materialized (
        select row_number() over (order by a.effective_at desc, a.action_kind desc) as nth,
               a.effective_at,
               case a.action_kind when 'SPLIT' then a.ratio_den
                    else greatest(c.close_micros - a.amount_micros, 1) end::numeric as price_num,
               case a.action_kind when 'SPLIT' then a.ratio_num
                    else c.close_micros end::numeric as price_den,
               a.ratio_num::numeric as qty_num, a.ratio_den::numeric as qty_den
          from md.list_actions_as_of(p_symbol, p_as_of_at) as a
          left join lateral md.list_bars_as_of(
               p_symbol, p_timeframe, 1, a.effective_at - interval '1 us') as c
            on a.action_kind = 'CASH_DIVIDEND'
         where a.effective_at <= p_as_of_at
           and (a.action_kind = 'SPLIT' and p_adjustment in ('SPLITS', 'ALL')
                or p_adjustment = 'ALL' and c.close_micros is not null)
    ), product as (
        select a.* from acts as a where a.nth = 1
         union all
        select a.nth, a.effective_at, a.price_num * p.price_num, a.price_den * p.price_den,
               a.qty_num * p.qty_num, a.qty_den * p.qty_den
          from product as p
          join acts as a on a.nth = p.nth + 1
    )
    select p.effective_at, p.price_num, p.price_den, p.qty_num, p.qty_den
      from product as p
     order by p.nth;
$function$;

comment on function md.list_adjustment_factors(text, text, text, timestamptz) is
$$By what a price (price_num / price_den) and a volume (qty_num / qty_den) of before effective_at are
multiplied to stand beside those of p_as_of_at, newest first: each row is the exact product of its action
and all later ones. p_adjustment: RAW nothing, SPLITS splits, ALL dividends too, by (close before the ex
session - amount) / close.
Why: only what had taken effect, and been announced, by p_as_of_at counts.$$;

create or replace function md.list_adjusted_bars_as_of(
    p_symbol     text,
    p_timeframe  text,
    p_limit      integer,
    p_adjustment text,
    p_bar_end_at timestamptz,
    p_as_of_at   timestamptz
)
returns table (
    session_on   date,
    bar_end_at   timestamptz,
    open_micros  bigint,
    high_micros  bigint,
    low_micros   bigint,
    close_micros bigint,
    volume       bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with factors as materialized (
        select f.* from md.list_adjustment_factors(
            p_symbol, p_timeframe, p_adjustment, p_as_of_at) as f
    )
    select b.session_on, b.bar_end_at,
           greatest(round(b.open_micros * f.price_num / f.price_den), 1)::bigint,
           greatest(round(b.high_micros * f.price_num / f.price_den), 1)::bigint,
           greatest(round(b.low_micros * f.price_num / f.price_den), 1)::bigint,
           greatest(round(b.close_micros * f.price_num / f.price_den), 1)::bigint,
           round(b.volume * f.qty_num / f.qty_den)::bigint
      from md.list_bars_as_of(p_symbol, p_timeframe, p_limit, p_bar_end_at) as b
     cross join lateral (
        select s.price_num, s.price_den, s.qty_num, s.qty_den
          from (select f.* from factors as f
                 union all
                select 'infinity', 1, 1, 1, 1) as s
         where s.effective_at > b.bar_end_at
         order by s.effective_at
         limit 1) as f
     order by b.bar_end_at;
$function$;

comment on function md.list_adjusted_bars_as_of(text, text, integer, text, timestamptz, timestamptz) is
$$The last p_limit bars of a symbol that had closed by p_bar_end_at, in the shares and, for ALL, less the
dividends of p_as_of_at; oldest first. A value is multiplied by one exact ratio and rounded once, half away
from zero, a price to at least 1 micro; a bar that no action came after is as it is stored.
Why: stored bars stay raw; what was announced or took effect later changes no window of before.$$;

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
    p_cancels_text  text,
    p_cancels_id    uuid,
    p_known_at      timestamptz,
    p_now_at        timestamptz
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
    text, text, date, text, bigint, bigint, text, bigint, text, date, text, date, text, uuid,
    timestamptz, timestamptz) is
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
               l.amount_micros, l.record_on, l.record_day, l.pay_on, l.pay_day, l.cancels,
               l.cancels_id, l.known_at, p_now_at),
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

create or replace function md.list_session_closes(
    p_symbol    text,
    p_timeframe text,
    p_from_on   date,
    p_to_on     date,
    p_now_at    timestamptz
)
returns table (
    session_on   date,
    close_micros bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select distinct on (b.session_on) b.session_on, b.close_micros
      from md.bars as b
     where b.symbol = p_symbol
       and b.timeframe = p_timeframe
       and b.bar_end_at <= p_now_at
       and b.session_on between p_from_on and p_to_on
     order by b.session_on, b.bar_end_at desc;
$function$;

comment on function md.list_session_closes(text, text, date, date, timestamptz) is
$$The last close of each session that was known at p_now_at: what a curve by day is drawn from.$$;

create or replace function md.list_new_bars(
    p_run_id   uuid,
    p_after_at timestamptz,
    p_now_at   timestamptz
)
returns table (
    symbol       text,
    bar_end_at   text,
    open_micros  bigint,
    high_micros  bigint,
    low_micros   bigint,
    close_micros bigint,
    volume       bigint,
    ends_session boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select b.symbol, core.format_iso(b.bar_end_at), b.open_micros, b.high_micros, b.low_micros,
           b.close_micros, b.volume, b.bar_end_at >= s.closes_at
      from md.policies as p
      join run.universe as u using (run_id)
      join ref.instruments as i on i.symbol = u.symbol
      cross join lateral md.list_bars_as_of(u.symbol, p.timeframe, 1000, p_now_at) as b
      join ref.sessions as s on s.exchange_id = i.exchange_id and s.session_on = b.session_on
     where p.run_id = p_run_id
       and b.bar_end_at > p_after_at
     order by b.bar_end_at, b.symbol;
$function$;

comment on function md.list_new_bars(uuid, timestamptz, timestamptz) is
$$The bars of a run's symbols that closed after p_after_at and by p_now_at, at most a thousand a symbol,
oldest first: what a paper market is shown. ends_session: the bar is the session's last.$$;

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
      from md.policies as p
      join run.universe as u using (run_id)
      left join lateral md.list_bars_as_of(u.symbol, p.timeframe, 1, p_now_at) as b on true
     where p.run_id = p_run_id;
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

create or replace function md.get_complete_bar(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    session_on date,
    bar_end_at timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.session_on, s.ends_at
      from md.policies as p
      join run.universe as u using (run_id)
      join ref.instruments as i on i.symbol = u.symbol
      cross join lateral ref.get_closed_slot(i.exchange_id, p.timeframe, p_now_at) as s
     where p.run_id = p_run_id
       and not exists (
        select from run.universe as other
         where other.run_id = p_run_id
           and not exists (
            select from md.bars as b
             where b.symbol = other.symbol and b.timeframe = p.timeframe and b.bar_end_at = s.ends_at))
     limit 1;
$function$;

comment on function md.get_complete_bar(uuid, timestamptz) is
$$The slot of a run's timeframe that ended last at p_now_at, if every symbol of the run has its bar; else no
row.
Why: a strategy decides only when it sees the whole bar of every symbol.$$;

create or replace function md.list_gaps(
    p_symbol    text,
    p_timeframe text,
    p_from_on   date,
    p_now_at    timestamptz
)
returns table (
    session_on date,
    bar_end_at timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.session_on, s.ends_at
      from ref.instruments as i
      join ref.list_periods() as p using (symbol)
      cross join lateral ref.list_slots(
           i.exchange_id, p_timeframe, greatest(p_from_on, p.listed_on),
           least(p.delisted_on - 1, (p_now_at + interval '1 day')::date)) as s
     where i.symbol = p_symbol
       and p.is_listed
       and s.ends_at <= p_now_at
       and not exists (
        select from md.bars as b
         where b.symbol = p_symbol and b.timeframe = p_timeframe and b.bar_end_at = s.ends_at)
     order by s.ends_at;
$function$;

comment on function md.list_gaps(text, text, date, timestamptz) is
$$Slots from session p_from_on on that had ended by p_now_at and for which the symbol has no bar.
Why: gaps are counted in slots of exchange sessions on which the symbol was listed; a holiday is none.$$;

create or replace function md.list_window_gaps(
    p_run_id uuid,
    p_due_at timestamptz
)
returns table (
    symbol     text,
    session_on date,
    bar_end_at timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select u.symbol, g.session_on, g.bar_end_at
      from md.policies as p
      join ref.timeframes as t using (timeframe)
      join run.universe as u using (run_id)
      join ref.instruments as i on i.symbol = u.symbol
      cross join lateral (
        select min(s.session_on) as from_on
          from (select s.session_on from ref.sessions as s
                 where s.exchange_id = i.exchange_id and s.opens_at < p_due_at
                 order by s.session_on desc
                 limit 1 + coalesce(ceil(p.gap_window_bars * extract(epoch from t.bar_length) / 10800),
                                    p.gap_window_bars)) as s) as w
      cross join lateral (
        select min(n.ends_at) as from_at
          from (select n.ends_at
                  from ref.list_slots(i.exchange_id, p.timeframe, w.from_on,
                                      (p_due_at + interval '1 day')::date) as n
                 where n.ends_at <= p_due_at
                 order by n.ends_at desc
                 limit p.gap_window_bars) as n) as f
      cross join lateral md.list_gaps(u.symbol, p.timeframe, w.from_on, p_due_at) as g
     where p.run_id = p_run_id
       and g.bar_end_at >= f.from_at
     order by u.symbol, g.bar_end_at;
$function$;

comment on function md.list_window_gaps(uuid, timestamptz) is
$$The bars that a run's symbols lack among the last gap_window_bars slots that had ended at p_due_at.
Looks back over enough sessions: none is shorter than three hours.$$;

create or replace function md.format_bar(
    p_timeframe  text,
    p_session_on date,
    p_bar_end_at timestamptz
)
returns text
language sql
immutable
parallel safe
return case when p_timeframe = '1D' then to_char(p_session_on, 'YYYY-MM-DD')
            else core.format_iso(p_bar_end_at) end;

comment on function md.format_bar(text, date, timestamptz) is
$$How people name a bar: a daily one by its session, another by the instant of its end.$$;

create or replace function md.set_policy(
    p_run_id          uuid,
    p_timeframe       text,
    p_stale_after_ms  bigint,
    p_gap_window_bars integer
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into md.policies (run_id, timeframe, stale_after_ms, gap_window_bars)
    values (p_run_id, p_timeframe, p_stale_after_ms, p_gap_window_bars);
$function$;

comment on function md.set_policy(uuid, text, bigint, integer) is
$$Pins a run's data policy at its creation.
Raises: 23514 out of range; 23505 set already; 23503 no such timeframe.$$;

create or replace function md.set_forbid_periods(
    p_run_id  uuid,
    p_periods jsonb
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_bad text;
begin
    select string_agg(p.value #>> '{}', '; ') into v_bad
      from jsonb_array_elements(p_periods) as p
     cross join lateral string_to_array(p.value #>> '{}', ' ') as w
     where (array_length(w, 1) = 3 and core.parse_date(w[2]) <= core.parse_date(w[3])
            and exists (select from run.universe as u
                         where u.run_id = p_run_id and u.symbol = w[1])) is not true;
    perform core.assert_that(v_bad is null, 'MQA41', v_bad);
    insert into md.forbid_periods (run_id, period_no, symbol, from_on, to_on)
    select p_run_id, p.ordinality, w[1], core.parse_date(w[2]), core.parse_date(w[3])
      from jsonb_array_elements(p_periods) with ordinality as p
     cross join lateral string_to_array(p.value #>> '{}', ' ') as w;
end;
$function$;

comment on function md.set_forbid_periods(uuid, jsonb) is
$$Pins the periods in which a run may not trade a symbol, at its creation. p_periods: ['SYMBOL FROM TO'],
sessions from FROM to TO, both included.
Raises: MQA41 naming those that cannot be read or name no symbol of the run.$$;

create or replace function md.find_ban(
    p_run_id uuid,
    p_symbol text,
    p_now_at timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select b.reason
      from ref.instruments as i
     cross join lateral ref.get_next_session(i.exchange_id, p_now_at) as s
     cross join lateral (
        select format('forbidden from %s to %s', f.from_on, f.to_on) as reason
          from md.forbid_periods as f
         where f.run_id = p_run_id and f.symbol = p_symbol
           and s.session_on between f.from_on and f.to_on
         union all
        select format('forbidden on %s: %s', a.ex_on, md.format_terms(a))
          from run.runs as r
          join run.configs as c using (config_hash)
         cross join lateral md.list_actions_as_of(p_symbol, p_now_at) as a
         where r.run_id = p_run_id and c.config #>> '{data,corporate_actions}' = 'FORBID'
           and a.ex_on = s.session_on) as b
     where i.symbol = p_symbol
     order by b.reason
     limit 1;
$function$;

comment on function md.find_ban(uuid, text, timestamptz) is
$$Why a run takes no new risk in a symbol in the session in which an order given at p_now_at would trade, or
null: a period of data.forbid_periods, or, where data.corporate_actions is FORBID, the ex session of an
announced action.$$;

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

    select string_agg(format('%s lacks %s', m.symbol, m.bars), '; ' order by m.symbol) into v_bad
      from (select g.symbol, string_agg(md.format_bar(v_policy.timeframe, g.session_on, g.bar_end_at),
                                        ', ' order by g.bar_end_at) as bars
              from md.list_window_gaps(p_run_id, v_due_at) as g
             group by g.symbol) as m;
    v_bad := coalesce(v_bad, md.find_jumps(p_run_id, p_now_at));
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
$$Looks for missing or late bars of a run's symbols over its gap window, and for jumps that look like
a split that nobody announced, and sets gate INTEGRITY.
Gives 'complete', or what is missing.
Why: a strategy must not decide on holes; a bar may be late by stale_after_ms, not more.
Raises: MQN02; MQA03.$$;

create or replace function md.get_quality(
    p_symbols   text[],
    p_timeframe text,
    p_now_at    timestamptz
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
    select b.symbol, b.timeframe, count(*),
           (select count(*)
              from md.findings as f
              join md.ingests as i using (ingest_id)
             where f.symbol = b.symbol and i.timeframe = b.timeframe),
           (select count(*) from md.list_gaps(
                b.symbol, b.timeframe, min(b.session_on), max(b.bar_end_at))),
           min(b.session_on), max(b.session_on)
      from md.bars as b
     where b.symbol = any (p_symbols)
       and b.timeframe = coalesce(p_timeframe, b.timeframe)
       and b.bar_end_at <= p_now_at
     group by b.symbol, b.timeframe
     order by b.symbol, b.timeframe;
$function$;

comment on function md.get_quality(text[], text, timestamptz) is
$$How many bars each symbol has in a timeframe (null: in each), how many were refused, and how many are
missing between its first and last bar.$$;

create or replace function md.list_feed_marks(
    p_feed text
)
returns setof md.feed_marks
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select m.*
      from md.feed_marks as m
     where m.feed = p_feed
     order by m.symbol, m.timeframe;
$function$;

comment on function md.list_feed_marks(text) is
$$How far a feed has come, by symbol and timeframe: where the next sync begins.$$;

create or replace function md.list_unlisted_bars()
returns table (
    symbol     text,
    session_on date
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select n.symbol, min(b.session_on)
      from (select p.symbol, p.listed_on as from_on, p.delisted_on as until_on
              from ref.list_periods() as p
             where not p.is_listed
             union all
            select p.symbol, '-infinity', min(p.listed_on)
              from ref.list_periods() as p
             group by p.symbol) as n
     cross join ref.timeframes as t
      join md.bars as b
        on b.symbol = n.symbol
       and b.timeframe = t.timeframe
       and b.bar_end_at > (n.from_on - 1)::timestamp at time zone 'UTC'
       and b.bar_end_at < (n.until_on + 1)::timestamp at time zone 'UTC'
       and b.session_on >= n.from_on
       and b.session_on < n.until_on
     group by n.symbol
     order by n.symbol;
$function$;

comment on function md.list_unlisted_bars() is
$$Names that have a stored bar of a session on which they stood for nothing, and the first such session.
Why: the key of the bars leads with name, timeframe and end, so only the bars in question are read; a
session ends within a day of its date anywhere.$$;

create or replace function md.load_instruments(
    p_rows   jsonb,
    p_now_at timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_loaded bigint := ref.load_instruments(p_rows, p_now_at);
    v_bad    text;
begin
    select string_agg(format('%s has a bar of %s', u.symbol, u.session_on), '; ') into v_bad
      from md.list_unlisted_bars() as u;
    perform core.assert_that(v_bad is null, 'MQA10', left(v_bad, 500));
    return v_loaded;
end;
$function$;

comment on function md.load_instruments(jsonb, timestamptz) is
$$Stores what is new in an instruments file (ref.load_instruments), unless a stored bar says otherwise.
Raises: MQA05; MQA02; MQA10 a fact differs, or a name ends before its last bar; 23503.$$;

create or replace function md.compute_ask_pause(
    p_asks bigint
)
returns interval
language sql
immutable
parallel safe
return (array['5 s', '10 s', '20 s', '40 s', '80 s', '160 s', '320 s', '900 s']::interval[])[
    least(p_asks, 8)];

comment on function md.compute_ask_pause(bigint) is
$$How long to wait after a bar was asked for so often in vain: 5 s, doubling, up to a quarter of an hour.
Why: a request costs, and a bar that is late is not there sooner for being asked for.$$;

create or replace function md.list_feed_wants(
    p_feed      text,
    p_symbols   jsonb,
    p_timeframe text,
    p_first_on  date,
    p_until_on  date,
    p_now_at    timestamptz
)
returns table (
    symbol     text,
    timeframe  text,
    from_on    date,
    until_on   date,
    bar_end_at timestamptz,
    is_due     boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select i.symbol, p_timeframe, d.from_on, d.until_on, c.ends_at,
           coalesce(m.last_bar_end_at < c.ends_at, true)
      from jsonb_array_elements_text(p_symbols) as n (symbol)
      join ref.instruments as i using (symbol)
      join ref.exchanges as e using (exchange_id)
      cross join lateral ref.get_closed_slot(i.exchange_id, p_timeframe, p_now_at) as c
      left join md.feed_marks as m
        on m.feed = p_feed and m.symbol = i.symbol and m.timeframe = p_timeframe
      cross join lateral (
        select coalesce((m.last_bar_end_at at time zone e.time_zone)::date
                        - case p_timeframe when '1m' then 1 when '5m' then 2 when '15m' then 2 else 5 end,
                        p_first_on) as from_on,
               least(p_until_on, c.session_on) as until_on) as d
     where d.from_on > d.until_on is not true
     order by i.symbol;
$function$;

comment on function md.list_feed_wants(text, jsonb, text, date, date, timestamptz) is
$$What a feed should be asked for each known symbol: from some days before the last bar that it gave (1 for
1m, 2 for 5m and 15m, 5 for 1H and 1D), else from p_first_on, up to p_until_on or the session of the last
bar that has ended (bar_end_at; is_due: the feed has not given it).
No row for a symbol of which nothing is left to ask.
Why: what a feed revises shows in the days that are asked for twice.$$;

create or replace function md.list_sync_wants(
    p_feed       text,
    p_symbols    jsonb,
    p_timeframe  text,
    p_full_start date,
    p_until_on   date,
    p_now_at     timestamptz
)
returns table (
    symbol    text,
    timeframe text,
    from_on   date,
    until_on  date
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_bad text;
begin
    perform core.assert_that(
        num_nulls(p_feed, p_timeframe, p_now_at) = 0 and jsonb_array_length(p_symbols) > 0, 'MQA01',
        'feed, symbols, timeframe, now_at');
    perform core.assert_that(
        exists (select from ref.timeframes as t where t.timeframe = p_timeframe), 'MQA02',
        format('timeframe %s: 1m, 5m, 15m, 1H or 1D', p_timeframe));
    select string_agg(n.symbol, ', ' order by n.symbol) into v_bad
      from jsonb_array_elements_text(p_symbols) as n (symbol)
     where not exists (select from ref.instruments as i where i.symbol = n.symbol);
    perform core.assert_that(v_bad is null, 'MQN03', v_bad);
    select string_agg(i.symbol, ', ' order by i.symbol) into v_bad
      from jsonb_array_elements_text(p_symbols) as n (symbol)
      join ref.instruments as i using (symbol)
     where not exists (select from ref.get_closed_slot(i.exchange_id, p_timeframe, p_now_at));
    perform core.assert_that(v_bad is null, 'MQN04', v_bad);
    select string_agg(w.symbol, ', ' order by w.symbol) into v_bad
      from md.list_feed_wants(p_feed, p_symbols, p_timeframe, p_full_start, p_until_on, p_now_at) as w
     where w.from_on is null;
    perform core.assert_that(v_bad is null, 'MQA72', v_bad);
    return query
    select w.symbol, w.timeframe, w.from_on, w.until_on
      from md.list_feed_wants(p_feed, p_symbols, p_timeframe, p_full_start, p_until_on, p_now_at) as w;
end;
$function$;

comment on function md.list_sync_wants(text, jsonb, text, date, date, timestamptz) is
$$What a sync asks a feed for, by symbol; p_full_start: where to begin for symbols that the feed has given
nothing of.
Raises: MQA01; MQA02; MQN03 naming unknown symbols; MQN04 naming those without a session yet; MQA72
naming symbols without a beginning.$$;

create or replace function md.list_run_symbols(
    p_run_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(jsonb_agg(s.symbol order by s.symbol), '[]')
      from (select u.symbol from run.universe as u where u.run_id = p_run_id
             union
            select c.config #>> '{data,benchmark_symbol}'
              from run.runs as r join run.configs as c using (config_hash)
             where r.run_id = p_run_id) as s
     where s.symbol is not null;
$function$;

comment on function md.list_run_symbols(uuid) is
$$The symbols that a run needs bars of, as a json array: its universe and its benchmark.$$;

create or replace function md.get_window_start(
    p_run_id uuid,
    p_now_at timestamptz
)
returns date
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select min(s.session_on)
      from md.policies as p
      join ref.timeframes as t using (timeframe)
      join run.runs as r using (run_id)
      join run.configs as c using (config_hash)
      cross join lateral (
        select greatest(p.gap_window_bars, (c.config #>> '{strategy,window_bars}')::bigint) as bars) as n
      cross join lateral (
        select s.session_on
          from run.universe as u
          join ref.instruments as i using (symbol)
          join ref.sessions as s using (exchange_id)
         where u.run_id = p_run_id and s.opens_at <= p_now_at
         group by s.session_on
         order by s.session_on desc
         limit 1 + coalesce(ceil(n.bars * extract(epoch from t.bar_length) / 10800), n.bars)) as s
     where p.run_id = p_run_id;
$function$;

comment on function md.get_window_start(uuid, timestamptz) is
$$The first session that a run needs bars of: enough for its gap window and its strategy's window (no
session is shorter than three hours).$$;

create or replace function md.take_feed_wants(
    p_run_id     uuid,
    p_feed       text,
    p_is_metered boolean,
    p_now_at     timestamptz
)
returns table (
    symbol    text,
    timeframe text,
    from_on   date,
    until_on  date
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_policy   md.policies;
    v_symbols  jsonb;
    v_first_on date := '1900-01-01';
begin
    select p.* into v_policy from md.policies as p where p.run_id = p_run_id;
    perform core.assert_that(found, 'MQN02', p_run_id::text);
    v_symbols := md.list_run_symbols(p_run_id);
    if p_is_metered then
        v_first_on := md.get_window_start(p_run_id, p_now_at);
    end if;
    return query
    with holes as materialized (
        select g.symbol, min(g.session_on) as from_on
          from md.list_window_gaps(p_run_id, p_now_at) as g
         group by g.symbol
    ), wanted as materialized (
        select w.symbol, w.timeframe, w.until_on, w.bar_end_at, w.is_due,
               least(w.from_on, h.from_on) as from_on
          from md.list_feed_wants(
               p_feed, v_symbols, v_policy.timeframe, v_first_on, null, p_now_at) as w
          left join holes as h using (symbol)
    ), taken as (
        insert into md.feed_asks as a (feed, symbol, timeframe, bar_end_at, asks, asked_at)
        select p_feed, w.symbol, w.timeframe, w.bar_end_at, 1, p_now_at
          from wanted as w
         where p_is_metered and w.is_due
            on conflict on constraint feed_asks_pkey do update
           set bar_end_at = excluded.bar_end_at, asked_at = excluded.asked_at,
               asks = case a.bar_end_at when excluded.bar_end_at then a.asks + 1 else 1 end
         where a.bar_end_at <> excluded.bar_end_at
            or a.asked_at + md.compute_ask_pause(a.asks) <= excluded.asked_at
        returning a.symbol as taken_symbol
    )
    select w.symbol, w.timeframe, w.from_on, w.until_on
      from wanted as w
     where not p_is_metered or w.symbol in (select t.taken_symbol from taken as t)
     order by w.symbol;
end;
$function$;

comment on function md.take_feed_wants(uuid, text, boolean, timestamptz) is
$$What a run's worker should ask a feed for now: the run's symbols and its benchmark. A feed that counts its
requests (p_is_metered) is asked for what is due only, and at growing intervals for the same bar. What is
missing in the run's gap window is asked for again.
Why: a worker that polls must not spend the day's requests on a bar that is late.
Raises: MQN02.$$;

create or replace function md.compute_bars_digest()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with days as (
        select b.symbol, b.timeframe, b.session_on, core.hash_text(string_agg(concat_ws(
                   ' ', core.format_iso(b.bar_end_at), b.open_micros, b.high_micros, b.low_micros,
                   b.close_micros, b.volume), e'\n' order by b.bar_end_at)) as digest
          from md.bars as b
         group by b.symbol, b.timeframe, b.session_on
    ),
    series as (
        select d.symbol, d.timeframe,
               core.hash_text(string_agg(concat_ws(' ', d.session_on, d.digest), e'\n'
                                         order by d.session_on)) as digest
          from days as d
         group by d.symbol, d.timeframe
    )
    select core.hash_text(coalesce(string_agg(
               concat_ws(' ', s.symbol, s.timeframe, s.digest), e'\n'
               order by s.symbol collate "C", s.timeframe collate "C"), ''))
      from series as s;
$function$;

comment on function md.compute_bars_digest() is
$$SHA-256 over every stored bar: by session, then by symbol and timeframe. Of what was stored, not of how.
Why: two stores that were filled in other ways can be compared in one line.$$;

create or replace function md.tg_bars__know_parents()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_unknown text;
begin
    select string_agg(coalesce(b.symbol, 'null'), ', ') into v_unknown
      from (select distinct a.symbol from added as a) as b
     where not exists (
           select from ref.instruments as i where i.symbol = b.symbol for key share);
    perform core.assert_that(v_unknown is null, 'MQI06', v_unknown);
    select string_agg(b.ingest_id::text, ', ') into v_unknown
      from (select distinct a.ingest_id from added as a) as b
     where not exists (
           select from md.ingests as i where i.ingest_id = b.ingest_id for key share);
    perform core.assert_that(v_unknown is null, 'MQI06', v_unknown);
    return null;
end;
$function$;

comment on function md.tg_bars__know_parents() is
$$Refuses bars of an instrument or an ingest that does not exist.
Why: asked once a statement, a foreign key would ask once a row and cost more than the bar itself.
Neither parent ever goes: an ingest refuses to be deleted, a feed's mark holds the instrument.
Raises: MQI06.$$;

create or replace trigger _900_refuse_change before update or delete on md.bars
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.findings
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.ingests
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.forbid_periods
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.forbid_periods
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.cleared_jumps
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.cleared_jumps
for each statement execute function core.tg_refuse_change();
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
create or replace trigger _900_refuse_change before update or delete on md.observations
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.observations
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.raws
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.raws
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.sources
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.sources
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.conflicts
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.conflicts
for each statement execute function core.tg_refuse_change();
create or replace trigger _100_know_parents after insert on md.bars
referencing new table as added
for each statement execute function md.tg_bars__know_parents();

commit;
