-- Deploy mqk:md/code to pg
-- built from sql/md by `make code`: edit there

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
    perform md.store_formings(v_report, p_rows);
    perform md.store_coverage(v_report, p_rows);
    insert into md.feed_marks (feed, symbol, timeframe, last_bar_end_at, heard_at)
    select v_report.feed, r.symbol, v_report.timeframe, max(r.bar_end_at), v_report.ingested_at
      from unnest(p_rows) as r
     where r.verdict in ('NEW', 'KNOWN')
     group by r.symbol
     order by r.symbol collate "C"
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
         order by r.symbol collate "C", r.bar_end_at;
    else
        insert into md.bars (
            symbol, timeframe, bar_end_at, session_on, open_micros, high_micros, low_micros,
            close_micros, volume, ingest_id)
        select r.symbol, p_report.timeframe, r.bar_end_at, r.session_on, r.open_micros, r.high_micros,
               r.low_micros, r.close_micros, r.volume, p_report.ingest_id
          from unnest(p_rows) as r
         where r.verdict = 'NEW'
         order by r.symbol collate "C", r.bar_end_at;
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

create or replace function md.store_formings(
    p_report md.ingests,
    p_rows   md.judged_bar[]
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into md.formings (feed, symbol, timeframe, bar_end_at, heard_at)
    select p_report.feed, r.symbol, p_report.timeframe, max(r.bar_end_at), p_report.ingested_at
      from unnest(p_rows) as r
     where r.verdict = 'INCOMPLETE'
     group by r.symbol
     order by r.symbol collate "C"
    on conflict (symbol, timeframe, feed) do update
       set bar_end_at = greatest(formings.bar_end_at, excluded.bar_end_at),
           heard_at   = greatest(formings.heard_at, excluded.heard_at);
$function$;

comment on function md.store_formings(md.ingests, md.judged_bar[]) is
$$Keeps the last bar that a feed called unfinished, for each symbol.
Why: one that is still unfinished when it is due says that the feed is wrong, not late.$$;

create or replace function md.store_coverage(
    p_report md.ingests,
    p_rows   md.judged_bar[]
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    with judged as (
        select coalesce(r.symbol, '') as symbol, r.verdict, r.bar_end_at, r.volume,
               r.verdict in ('NEW', 'KNOWN') as is_good,
               r.bar_end_at < max(r.bar_end_at) over (
                   partition by r.symbol order by r.line_no
                   rows between unbounded preceding and 1 preceding) as is_late
          from unnest(p_rows) as r
    ),
    counted as (
        select j.symbol, j.verdict, count(*) as n,
               count(*) filter (where j.is_good and j.is_late) as late,
               count(*) filter (where j.is_good and j.volume = 0) as zero,
               min(j.bar_end_at) filter (where j.is_good) as first_at,
               max(j.bar_end_at) filter (where j.is_good) as last_at
          from judged as j
         group by j.symbol, j.verdict
    )
    insert into md.coverages (
        ingest_id, symbol, verdicts, out_of_order, zero_volumes, first_bar_end_at, last_bar_end_at)
    select p_report.ingest_id, c.symbol, jsonb_object_agg(c.verdict, c.n), sum(c.late), sum(c.zero),
           min(c.first_at), max(c.last_at)
      from counted as c
     group by c.symbol
     order by c.symbol collate "C";
$function$;

comment on function md.store_coverage(md.ingests, md.judged_bar[]) is
$$Counts what became of the rows of each symbol of a batch.
Why: most rows leave nothing else behind (known, doubled, unfinished ones), and a report must say the same
for ever.$$;

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

create or replace function md.is_ruled(
    p_symbol     text,
    p_timeframe  text,
    p_bar_end_at timestamptz,
    p_defect     text,
    p_since_at   timestamptz,
    p_now_at     timestamptz
)
returns boolean
language sql
stable
begin atomic
    select exists (
        select from md.rulings as r
         where r.symbol = p_symbol and r.timeframe = p_timeframe and r.bar_end_at = p_bar_end_at
           and r.defect = p_defect and r.ruled_at between p_since_at and p_now_at);
end;

comment on function md.is_ruled(text, text, timestamptz, text, timestamptz, timestamptz) is
$$Whether a person had said by p_now_at that the stored bar stands, and had known what came at
p_since_at.$$;

create or replace function md.is_disputed(
    p_symbol     text,
    p_timeframe  text,
    p_bar_end_at timestamptz,
    p_now_at     timestamptz
)
returns boolean
language sql
stable
begin atomic
    select exists (
        select from md.conflicts as c
         where c.symbol = p_symbol and c.timeframe = p_timeframe and c.bar_end_at = p_bar_end_at
           and c.found_at <= p_now_at
           and not md.is_ruled(c.symbol, c.timeframe, c.bar_end_at, 'CONFLICT', c.found_at, p_now_at));
end;

comment on function md.is_disputed(text, text, timestamptz, timestamptz) is
$$Whether another value for a stored bar was known at p_now_at, and nobody had said that the bar stands.$$;

create or replace function md.list_marks_as_of(
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
               and not md.is_disputed(b.symbol, b.timeframe, b.bar_end_at, p_now_at)
             order by b.bar_end_at desc
             limit least(greatest(p_limit, 1), 1000)) as b
     order by b.bar_end_at;
end;

comment on function md.list_marks_as_of(text, text, integer, timestamptz) is
$$The last p_limit (1..1000) bars of a symbol that may be marks at p_now_at, oldest first: closed, and
not in
dispute.
Why: an order judged by a price that may be wrong is an error; without the last bar the mark is old, and
nothing new is opened on it (STALE_PRICE), but a position can still be closed.$$;

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
                             j.session_on, j.looks_like), '; ' order by u.symbol collate "C", j.session_on)
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
    select core.restate_price(p_price_micros, f.ratio_den, f.ratio_num)
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
           core.restate_price(b.open_micros, f.price_num, f.price_den),
           core.restate_price(b.high_micros, f.price_num, f.price_den),
           core.restate_price(b.low_micros, f.price_num, f.price_den),
           core.restate_price(b.close_micros, f.price_num, f.price_den),
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
     order by a.ex_on, a.symbol collate "C", a.announced_at, a.action_id;
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
     order by b.bar_end_at, b.symbol collate "C";
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
      left join lateral md.list_marks_as_of(u.symbol, p.timeframe, 1, p_now_at) as b on true
     where p.run_id = p_run_id;
end;

comment on function md.list_marks(uuid, timestamptz) is
$$The last close of each symbol of a run's universe at p_now_at that is not in dispute, null where there is
none; one of before a split as a price of the shares of p_now_at.$$;

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

create or replace function md.list_windows(
    p_run_id uuid,
    p_due_at timestamptz
)
returns table (
    symbol    text,
    timeframe text,
    from_on   date,
    from_at   timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with places as (
        select distinct i.exchange_id
          from run.universe as u
          join ref.instruments as i using (symbol)
         where u.run_id = p_run_id
    ),
    windows as materialized (
        select e.exchange_id, p.timeframe, w.from_on, f.from_at
          from md.policies as p
          join ref.timeframes as t using (timeframe)
          cross join places as e
          cross join lateral (
            select min(s.session_on) as from_on
              from (select s.session_on from ref.sessions as s
                     where s.exchange_id = e.exchange_id and s.opens_at < p_due_at
                     order by s.session_on desc
                     limit 1 + coalesce(ceil(p.gap_window_bars * extract(epoch from t.bar_length) / 10800),
                                        p.gap_window_bars)) as s) as w
          cross join lateral (
            select min(n.ends_at) as from_at
              from (select n.ends_at
                      from ref.list_slots(e.exchange_id, p.timeframe, w.from_on,
                                          (p_due_at + interval '1 day')::date) as n
                     where n.ends_at <= p_due_at
                     order by n.ends_at desc
                     limit p.gap_window_bars) as n) as f
         where p.run_id = p_run_id
    )
    select u.symbol, w.timeframe, w.from_on, w.from_at
      from run.universe as u
      join ref.instruments as i using (symbol)
      join windows as w using (exchange_id)
     where u.run_id = p_run_id;
$function$;

comment on function md.list_windows(uuid, timestamptz) is
$$Where the window of a run's data begins for each of its symbols: the session, and the end of the first of
the last gap_window_bars slots that had ended at p_due_at.
Looks back over enough sessions: none is shorter than three hours.$$;

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
    select w.symbol, g.session_on, g.bar_end_at
      from md.list_windows(p_run_id, p_due_at) as w
      cross join lateral md.list_gaps(w.symbol, w.timeframe, w.from_on, p_due_at) as g
     where g.bar_end_at >= w.from_at
     order by w.symbol collate "C", g.bar_end_at;
$function$;

comment on function md.list_window_gaps(uuid, timestamptz) is
$$The bars that a run's symbols lack among the last gap_window_bars slots that had ended at p_due_at.$$;

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

create or replace function md.format_prices(
    p_high_micros  bigint,
    p_low_micros   bigint,
    p_close_micros bigint
)
returns text
language sql
immutable
parallel safe
return 'high ' || core.format_micros(p_high_micros) || ' low ' || core.format_micros(p_low_micros)
       || ' close ' || core.format_micros(p_close_micros);

comment on function md.format_prices(bigint, bigint, bigint) is
$$The prices of a bar that two feeds are compared by.$$;

create or replace function md.format_bar_values(
    p_open_micros  bigint,
    p_high_micros  bigint,
    p_low_micros   bigint,
    p_close_micros bigint,
    p_volume       bigint
)
returns text
language sql
immutable
parallel safe
return 'open ' || core.format_micros(p_open_micros) || ' '
       || md.format_prices(p_high_micros, p_low_micros, p_close_micros) || ' volume ' || p_volume;

comment on function md.format_bar_values(bigint, bigint, bigint, bigint, bigint) is
$$The values of a bar for people.$$;

create or replace function md.list_stale_feeds(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    feed            text,
    symbol          text,
    session_on      date,
    bar_end_at      timestamptz,
    last_bar_end_at timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select f.feed, u.symbol, d.session_on, d.ends_at, m.last_bar_end_at
      from md.policies as p
      cross join lateral unnest(array[p.feed, p.second_feed]) as f (feed)
      join run.universe as u using (run_id)
      join ref.instruments as i on i.symbol = u.symbol
      cross join lateral ref.get_closed_slot(
           i.exchange_id, p.timeframe, p_now_at - p.stale_after_ms * interval '1 ms') as d
      cross join lateral ref.get_listing(u.symbol, d.session_on) as l
      left join md.feed_marks as m
        on m.feed = f.feed and m.symbol = u.symbol and m.timeframe = p.timeframe
     where p.run_id = p_run_id
       and f.feed is not null
       and l.is_listed
       and (m.last_bar_end_at < d.ends_at) is not false
     order by f.feed collate "C", u.symbol collate "C";
$function$;

comment on function md.list_stale_feeds(uuid, timestamptz) is
$$The feeds of a run that have not given the last bar that was due of a symbol: silent for longer than
data.stale_data_threshold_seconds after the end of a slot (bar_end_at); last_bar_end_at: what they gave
last.
Why: each feed is judged by itself and against the clock, so that a single one that falls silent is seen; a
night or a weekend has no slot.$$;

create or replace function md.list_formings(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    feed       text,
    symbol     text,
    session_on date,
    bar_end_at timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select f.feed, w.symbol, s.session_on, f.bar_end_at
      from md.policies as p
      cross join lateral md.list_windows(
           p.run_id, p_now_at - p.stale_after_ms * interval '1 ms') as w
      join ref.instruments as i on i.symbol = w.symbol
      join md.formings as f on f.symbol = w.symbol and f.timeframe = w.timeframe and f.feed = p.feed
      cross join lateral (
           select e.session_on from ref.sessions as e
            where e.exchange_id = i.exchange_id and e.closes_at >= f.bar_end_at
            order by e.closes_at limit 1) as s
     where p.run_id = p_run_id
       and f.bar_end_at between w.from_at and p_now_at - p.stale_after_ms * interval '1 ms'
       and not exists (
        select from md.bars as b
         where b.symbol = w.symbol and b.timeframe = w.timeframe and b.bar_end_at = f.bar_end_at)
     order by w.symbol collate "C";
$function$;

comment on function md.list_formings(uuid, timestamptz) is
$$The bars in a run's window that are due and that its feed still called unfinished when it was heard
last.$$;

create or replace function md.list_disagreements(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    feed        text,
    symbol      text,
    session_on  date,
    bar_end_at  timestamptz,
    bar         text,
    observation text,
    ingest_id   uuid
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select o.feed, b.symbol, b.session_on, b.bar_end_at,
           md.format_prices(b.high_micros, b.low_micros, b.close_micros),
           md.format_prices(o.high_micros, o.low_micros, o.close_micros), o.ingest_id
      from md.policies as p
      cross join lateral md.list_windows(
           p.run_id, p_now_at - p.stale_after_ms * interval '1 ms') as w
      join md.bars as b on b.symbol = w.symbol and b.timeframe = w.timeframe
                       and b.bar_end_at between w.from_at and p_now_at
      join md.observations as o
        on o.symbol = b.symbol and o.timeframe = b.timeframe and o.bar_end_at = b.bar_end_at
       and o.feed = p.second_feed
      join md.ingests as g on g.ingest_id = o.ingest_id
     where p.run_id = p_run_id
       and (core.is_apart(b.close_micros, o.close_micros, p.disagreement_bps)
            or core.is_apart(b.high_micros, o.high_micros, p.disagreement_bps)
            or core.is_apart(b.low_micros, o.low_micros, p.disagreement_bps))
       and not md.is_ruled(
           b.symbol, b.timeframe, b.bar_end_at, 'DISAGREEMENT', g.ingested_at, p_now_at)
     order by b.symbol collate "C", b.bar_end_at;
$function$;

comment on function md.list_disagreements(uuid, timestamptz) is
$$The stored bars in a run's window whose high, low or close its second feed saw further away than
data.disagreement_tolerance_bps, and which nobody has settled. Volume is not compared: each feed counts its
own market, and the open is the print that feeds choose most differently.$$;

create or replace function md.list_conflicts(
    p_symbols    text[],
    p_timeframe  text,
    p_from_at    timestamptz,
    p_now_at     timestamptz
)
returns table (
    symbol     text,
    timeframe  text,
    session_on date,
    bar_end_at timestamptz,
    feed       text,
    stored     text,
    other_feed text,
    other      text,
    found_at   timestamptz,
    is_settled boolean,
    ingest_id  uuid,
    line_no    bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select b.symbol, b.timeframe, b.session_on, b.bar_end_at, f.feed,
           md.format_bar_values(b.open_micros, b.high_micros, b.low_micros, b.close_micros, b.volume),
           g.feed,
           md.format_bar_values(c.open_micros, c.high_micros, c.low_micros, c.close_micros, c.volume),
           c.found_at,
           md.is_ruled(c.symbol, c.timeframe, c.bar_end_at, 'CONFLICT', c.found_at, p_now_at),
           c.ingest_id, c.line_no
      from md.conflicts as c
      join md.bars as b using (symbol, timeframe, bar_end_at)
      join md.ingests as f on f.ingest_id = b.ingest_id
      join md.ingests as g on g.ingest_id = c.ingest_id
     where c.symbol = any (p_symbols)
       and c.timeframe = coalesce(p_timeframe, c.timeframe)
       and c.bar_end_at >= p_from_at
       and c.found_at <= p_now_at
     order by c.symbol collate "C", c.timeframe, c.bar_end_at, c.found_at, c.line_no;
$function$;

comment on function md.list_conflicts(text[], text, timestamptz, timestamptz) is
$$Other values that had come by p_now_at for stored bars of the symbols, from p_from_at on: both values, the
feed of each, and whether a person has said that the stored one stands. p_timeframe: null for each.$$;

create or replace function md.list_outliers(
    p_symbol      text,
    p_timeframe   text,
    p_from_at     timestamptz,
    p_outlier_bps integer,
    p_now_at      timestamptz
)
returns table (
    session_on   date,
    bar_end_at   timestamptz,
    close_micros bigint,
    before_micros bigint,
    move_bps     bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select b.session_on, b.bar_end_at, b.close_micros, b.before_micros,
           core.compute_move_bps(b.before_micros, b.close_micros)
      from (select b.session_on, b.bar_end_at, b.close_micros,
                   lag(b.bar_end_at) over (order by b.bar_end_at) as before_at,
                   lag(b.close_micros) over (order by b.bar_end_at) as before_micros
              from md.bars as b
             where b.symbol = p_symbol
               and b.timeframe = p_timeframe
               and b.bar_end_at <= p_now_at
               and b.bar_end_at >= coalesce((
                    select max(a.bar_end_at) from md.bars as a
                     where a.symbol = p_symbol and a.timeframe = p_timeframe
                       and a.bar_end_at < p_from_at), p_from_at)) as b
     where case when core.is_apart(b.before_micros, b.close_micros, p_outlier_bps) then (
               select core.is_apart(r.before, b.close_micros, p_outlier_bps)
                 from md.restate_price(
                      p_symbol, b.before_micros, b.before_at, b.bar_end_at) as r (before)) end
     order by b.bar_end_at;
$function$;

comment on function md.list_outliers(text, text, timestamptz, integer, timestamptz) is
$$The bars from p_from_at on whose close is further from the close before than p_outlier_bps of it, in raw
prices and in prices over the splits that were known at the bar: an announced split is none.$$;

create or replace function md.list_open_outliers(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    symbol        text,
    session_on    date,
    bar_end_at    timestamptz,
    close_micros  bigint,
    before_micros bigint,
    move_bps      bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select w.symbol, o.session_on, o.bar_end_at, o.close_micros, o.before_micros, o.move_bps
      from md.policies as p
      cross join lateral md.list_windows(
           p.run_id, p_now_at - p.stale_after_ms * interval '1 ms') as w
      cross join lateral md.list_outliers(
           w.symbol, w.timeframe, w.from_at, p.outlier_bps, p_now_at) as o
     where p.run_id = p_run_id
       and not md.is_ruled(
           w.symbol, w.timeframe, o.bar_end_at, 'OUTLIER', '-infinity'::timestamptz, p_now_at);
$function$;

comment on function md.list_open_outliers(uuid, timestamptz) is
$$The closes in a run's window that jumped further than data.outlier_bps, and which nobody has accepted.$$;

create or replace function md.list_ended_calendars(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    detail text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select format('the session calendar of %s has ended', e.exchange_id)
      from (select distinct i.exchange_id
              from run.universe as u
              join ref.instruments as i using (symbol)
             where u.run_id = p_run_id) as e
     where not exists (
        select from ref.sessions as s
         where s.exchange_id = e.exchange_id and s.closes_at > p_now_at)
     order by e.exchange_id;
$function$;

comment on function md.list_ended_calendars(uuid, timestamptz) is
$$The exchanges of a run that have no session any more.
Why: beyond the calendar no bar is ever missing.$$;

create or replace function md.list_absences(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    defect     text,
    symbol     text,
    session_on date,
    bar_end_at timestamptz,
    is_brake   boolean,
    what       text,
    evidence   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with p as (
        select p.*, p_now_at - p.stale_after_ms * interval '1 ms' as due_at
          from md.policies as p
         where p.run_id = p_run_id
    )
    select 'GAP' as defect, g.symbol, g.session_on, g.bar_end_at, true as is_brake,
           '' as what, 'md.bars' as evidence
      from p
      cross join lateral (
        select g.*, count(*) over (partition by g.symbol) as gaps
          from md.list_window_gaps(p.run_id, p.due_at) as g) as g
     where g.gaps > p.gap_tolerance_bars
     union all
    select 'STALE', s.symbol, s.session_on, s.bar_end_at, p.stale_policy <> 'IGNORE',
           format('is due: feed %s gave nothing after %s', s.feed,
                  coalesce(core.format_iso(s.last_bar_end_at), 'its beginning')), 'md.feed_marks'
      from p cross join lateral md.list_stale_feeds(p.run_id, p_now_at) as s
     union all
    select 'INCOMPLETE', f.symbol, f.session_on, f.bar_end_at, true,
           format('is unfinished, says feed %s', f.feed), 'md.formings'
      from p cross join lateral md.list_formings(p.run_id, p_now_at) as f;
$function$;

comment on function md.list_absences(uuid, timestamptz) is
$$The bars of a run that are not there: GAP, STALE, INCOMPLETE (see md.list_defects).$$;

create or replace function md.list_doubts(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    defect     text,
    symbol     text,
    session_on date,
    bar_end_at timestamptz,
    is_brake   boolean,
    what       text,
    evidence   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with p as (
        select p.*, p_now_at - p.stale_after_ms * interval '1 ms' as due_at
          from md.policies as p
         where p.run_id = p_run_id
    )
    select 'DISAGREEMENT' as defect, d.symbol, d.session_on, d.bar_end_at,
           p.disagreement_policy <> 'IGNORE',
           format('is %s, and %s to feed %s', d.bar, d.observation, d.feed),
           'md.ingests ' || d.ingest_id
      from p cross join lateral md.list_disagreements(p.run_id, p_now_at) as d
     union all
    select 'CONFLICT', c.symbol, c.session_on, c.bar_end_at, p.conflict_policy <> 'IGNORE',
           format('is %s, and came as %s from feed %s', c.stored, c.other, c.other_feed),
           format('md.conflicts %s %s', c.ingest_id, c.line_no)
      from p
      cross join lateral md.list_windows(p.run_id, p.due_at) as w
      cross join lateral md.list_conflicts(array[w.symbol], w.timeframe, w.from_at, p_now_at) as c
     where not c.is_settled
     union all
    select 'OUTLIER', o.symbol, o.session_on, o.bar_end_at, p.outlier_policy <> 'IGNORE',
           format('closed at %s after %s: %s bps', core.format_micros(o.close_micros),
                  core.format_micros(o.before_micros), o.move_bps), 'md.bars'
      from p cross join lateral md.list_open_outliers(p.run_id, p_now_at) as o;
$function$;

comment on function md.list_doubts(uuid, timestamptz) is
$$The bars of a run that are in doubt: DISAGREEMENT, CONFLICT, OUTLIER (see md.list_defects).$$;

create or replace function md.list_defects(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    defect   text,
    symbol   text,
    bar      text,
    is_brake boolean,
    detail   text,
    evidence text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with p as (
        select p.*
          from run.runs as r
          join md.policies as p using (run_id)
         where r.run_id = p_run_id
    ),
    found as (
        select a.* from p cross join lateral md.list_absences(p.run_id, p_now_at) as a
         union all
        select d.* from p cross join lateral md.list_doubts(p.run_id, p_now_at) as d
    )
    select f.defect, f.symbol, b.bar, f.is_brake,
           case f.defect when 'GAP' then format('%s lacks %s', f.symbol, b.bar)
                else format('%s %s %s', f.symbol, b.bar, f.what) end, f.evidence
      from p
      join found as f on true
      cross join lateral md.format_bar(p.timeframe, f.session_on, f.bar_end_at) as b (bar)
     union all
    select 'CALENDAR_ENDED', null, null, true, c.detail, 'ref.sessions'
      from p cross join lateral md.list_ended_calendars(p.run_id, p_now_at) as c
     union all
    select 'SPLIT_SUSPECTED', null, null, true, j.told, 'md.corporate_actions'
      from p cross join lateral md.find_jumps(p.run_id, p_now_at) as j (told)
     where j.told is not null
     order by 1, 2, 3;
$function$;

comment on function md.list_defects(uuid, timestamptz) is
$$What is wrong with the data of a run at p_now_at, over its gap window: GAP (a slot without a bar),
STALE (a
feed is silent), INCOMPLETE (a bar that is due is still unfinished), DISAGREEMENT (a second feed saw another
price), CONFLICT (another value came for a stored bar), OUTLIER (a close far from the one before),
CALENDAR_ENDED, SPLIT_SUSPECTED (a jump like a split that nobody announced).
is_brake: it shuts gate INTEGRITY; false where the run's policy says IGNORE.
What a person has settled (md.resolve_defect) is not listed.$$;

create or replace function md.describe_defects(
    p_run_id uuid,
    p_now_at timestamptz,
    out reason   text,
    out evidence jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with d as (
        select d.*, row_number() over same as nth, count(*) over (partition by d.defect) as alike
          from md.list_defects(p_run_id, p_now_at) as d
         where d.is_brake
        window same as (partition by d.defect order by d.symbol collate "C", d.bar, d.detail)
    )
    select string_agg(format('%s %s', d.defect, d.alike), ', ' order by d.defect)
               filter (where d.nth = 1)
           || ': ' || string_agg(d.detail, '; ' order by d.nth, d.defect),
           jsonb_build_object(
               'counts', jsonb_object_agg(d.defect, d.alike) filter (where d.nth = 1),
               'defects', jsonb_agg(jsonb_build_object(
                   'defect', d.defect, 'symbol', d.symbol, 'bar', d.bar, 'detail', d.detail,
                   'evidence', d.evidence) order by d.nth, d.defect) filter (where d.nth <= 50))
      from d;
$function$;

comment on function md.describe_defects(uuid, timestamptz) is
$$All that shuts gate INTEGRITY of a run at p_now_at, at once: how many of each defect, then one of
each kind,
then the others. The reason is null when there is none. The evidence holds the first 50 of each kind.$$;

create or replace function md.set_policy(
    p_run_id uuid,
    p_data   jsonb
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into md.policies (
        run_id, timeframe, feed, second_feed, stale_after_ms, gap_window_bars, gap_tolerance_bars,
        disagreement_bps, outlier_bps, stale_policy, disagreement_policy, conflict_policy,
        outlier_policy)
    values (
        p_run_id, p_data ->> 'timeframe', p_data ->> 'feed', nullif(p_data ->> 'second_feed', 'none'),
        (p_data ->> 'stale_data_threshold_seconds')::bigint * 1000,
        (p_data ->> 'gap_window_bars')::integer, (p_data ->> 'gap_tolerance_bars')::integer,
        (p_data ->> 'disagreement_tolerance_bps')::integer, (p_data ->> 'outlier_bps')::integer,
        p_data ->> 'stale_policy', p_data ->> 'feed_disagreement_policy',
        p_data ->> 'conflict_policy', p_data ->> 'outlier_policy');
$function$;

comment on function md.set_policy(uuid, jsonb) is
$$Pins a run's data policy (the section data of its config) at its creation.
Raises: 23514 out of range; 23505 set already; 23503 no such timeframe; 23502 a key is missing.$$;

create or replace function md.find_bad_period(
    p_periods jsonb,
    p_symbols text[]
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select string_agg(p.value #>> '{}', '; ')
      from jsonb_array_elements(p_periods) as p
     cross join lateral string_to_array(p.value #>> '{}', ' ') as w
     where (array_length(w, 1) = 3 and core.parse_date(w[2]) <= core.parse_date(w[3])
            and w[1] = any (p_symbols)) is not true;
$function$;

comment on function md.find_bad_period(jsonb, text[]) is
$$The forbidden periods ['SYMBOL FROM TO'] that cannot be read or name none of the symbols, or null.$$;

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
    v_bad := md.find_bad_period(
        p_periods, array(select u.symbol from run.universe as u where u.run_id = p_run_id));
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
    v_run      run.runs;
    v_now_at   timestamptz;
    v_bad      text;
    v_evidence jsonb;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    v_now_at := run.clamp_now(p_run_id, p_now_at);
    select d.reason, jsonb_strip_nulls(d.evidence) || jsonb_build_object('judged_at', v_now_at)
      into v_bad, v_evidence
      from md.describe_defects(p_run_id, v_now_at) as d;
    perform run.set_gate(
        p_run_id, 'INTEGRITY', v_bad is null, left(coalesce(v_bad, 'bars are complete'), 480),
        v_evidence, v_now_at + v_run.gate_ttl_ms * interval '1 ms', p_now_at);
    return coalesce(v_bad, 'complete');
end;
$function$;

comment on function md.evaluate_integrity(uuid, timestamptz) is
$$Judges the data of a run (md.list_defects) and sets gate INTEGRITY, with every defect as its evidence.
Gives 'complete', or what is wrong.
Why: a strategy must not decide on holes, nor on numbers that are in doubt; a bar may be late by
data.stale_data_threshold_seconds, not more.
Raises: MQN02; MQA03.$$;

create or replace function md.find_bar(
    p_symbol    text,
    p_timeframe text,
    p_bar       text
)
returns md.bars
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_bar md.bars;
begin
    select b.* into v_bar
      from md.bars as b
     where b.symbol = p_symbol
       and b.timeframe = p_timeframe
       and case when p_timeframe = '1D' then b.session_on = core.parse_date(p_bar)
                else b.bar_end_at = core.parse_time(p_bar) end;
    perform core.assert_that(found, 'MQN50', format('%s %s %s', p_symbol, p_timeframe, p_bar));
    return v_bar;
end;
$function$;

comment on function md.find_bar(text, text, text) is
$$A stored bar by the name that people give it: a daily one by its session, another by the instant of
its end
(ISO, with offset).
Raises: MQN50 there is none.$$;

create or replace function md.is_unsettled(
    p_bar    md.bars,
    p_defect text,
    p_now_at timestamptz
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case p_defect
        when 'CONFLICT' then
            md.is_disputed((p_bar).symbol, (p_bar).timeframe, (p_bar).bar_end_at, p_now_at)
        when 'DISAGREEMENT' then exists (
            select from md.observations as o
              join md.ingests as g using (ingest_id)
             where o.symbol = (p_bar).symbol and o.timeframe = (p_bar).timeframe
               and o.bar_end_at = (p_bar).bar_end_at and g.ingested_at <= p_now_at
               and (o.high_micros, o.low_micros, o.close_micros)
                   <> ((p_bar).high_micros, (p_bar).low_micros, (p_bar).close_micros)
               and not md.is_ruled(o.symbol, o.timeframe, o.bar_end_at, 'DISAGREEMENT',
                                   g.ingested_at, p_now_at))
        when 'OUTLIER' then (p_bar).bar_end_at <= p_now_at
             and not md.is_ruled((p_bar).symbol, (p_bar).timeframe, (p_bar).bar_end_at, 'OUTLIER',
                                 '-infinity'::timestamptz, p_now_at) end;
$function$;

comment on function md.is_unsettled(md.bars, text, timestamptz) is
$$Whether there is something about a stored bar that a person has not settled yet. How far is too far is a
matter of each run, so any other value counts, and any close may be accepted as no outlier.$$;

create or replace function md.resolve_defect(
    p_args   jsonb,
    p_now_at timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_bar    md.bars;
    v_defect text := p_args ->> 'defect';
begin
    perform core.assert_that(
        num_nulls(v_defect, p_args ->> 'symbol', p_args ->> 'timeframe', p_args ->> 'bar',
                  p_now_at) = 0, 'MQA01', 'defect, symbol, timeframe, bar, now_at');
    perform core.assert_that(
        length(p_args ->> 'reason') between 1 and 500, 'MQA12', p_args ->> 'reason');
    perform core.assert_that(
        v_defect in ('CONFLICT', 'DISAGREEMENT', 'OUTLIER'), 'MQA02',
        'defect: CONFLICT, DISAGREEMENT or OUTLIER');
    v_bar := md.find_bar(p_args ->> 'symbol', p_args ->> 'timeframe', p_args ->> 'bar');
    perform core.assert_that(
        md.is_unsettled(v_bar, v_defect, p_now_at), 'MQN51',
        format('%s of %s %s %s', v_defect, v_bar.symbol, v_bar.timeframe, p_args ->> 'bar'));
    insert into md.rulings (symbol, timeframe, bar_end_at, defect, ruled_at, ruled_by, reason)
    values (v_bar.symbol, v_bar.timeframe, v_bar.bar_end_at, v_defect, p_now_at, audit.get_actor(),
            p_args ->> 'reason')
    on conflict on constraint rulings_pkey do nothing;
    return format('the stored bar %s %s %s stands', v_bar.symbol, v_bar.timeframe,
                  md.format_bar(v_bar.timeframe, v_bar.session_on, v_bar.bar_end_at));
end;
$function$;

comment on function md.resolve_defect(jsonb, timestamptz) is
$$Keeps a person's word that a stored bar stands: p_args {defect, symbol, timeframe, bar, reason}.
Gives what
was settled.
Why: a bar never changes; whether it is believed is for a person to say, once, with a reason.
Raises: MQA01; MQA02; MQA12 no reason; MQN50 no such bar; MQN51 nothing to settle.$$;

create or replace function md.describe_raw(
    p_raw md.raws
)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select to_jsonb(r) - 'body' || jsonb_build_object('bytes', octet_length(r.body))
      from (select (p_raw).*) as r;
$function$;

comment on function md.describe_raw(md.raws) is
$$A kept answer without its body.$$;

create or replace function md.get_raw(
    p_raw_sha256 text
)
returns md.raws
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_raw md.raws;
begin
    select r.* into v_raw from md.raws as r where r.raw_sha256 = p_raw_sha256;
    perform core.assert_that(found, 'MQN52', p_raw_sha256);
    return v_raw;
end;
$function$;

comment on function md.get_raw(text) is
$$A kept answer with its body, byte for byte.
Raises: MQN52 nothing with this hash was kept.$$;

create or replace function md.get_lineage(
    p_symbol    text,
    p_timeframe text,
    p_bar       text
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'bar', to_jsonb(b),
        'ingest', to_jsonb(i),
        'raws', (select jsonb_agg(md.describe_raw(r) order by s.source_no)
                   from md.sources as s
                   join md.raws as r using (raw_sha256)
                  where s.ingest_id = i.ingest_id),
        'observations', (select coalesce(jsonb_agg(to_jsonb(o) order by o.feed collate "C"), '[]')
                           from md.observations as o
                          where (o.symbol, o.timeframe, o.bar_end_at)
                                = (b.symbol, b.timeframe, b.bar_end_at)),
        'conflicts', (select coalesce(jsonb_agg(
                                 to_jsonb(c) || jsonb_build_object('feed', g.feed)
                                 order by c.found_at, c.line_no), '[]')
                        from md.conflicts as c
                        join md.ingests as g on g.ingest_id = c.ingest_id
                       where (c.symbol, c.timeframe, c.bar_end_at)
                             = (b.symbol, b.timeframe, b.bar_end_at)),
        'rulings', (select coalesce(jsonb_agg(to_jsonb(r) order by r.ruled_at, r.defect), '[]')
                      from md.rulings as r
                     where (r.symbol, r.timeframe, r.bar_end_at)
                           = (b.symbol, b.timeframe, b.bar_end_at)))
      from md.find_bar(p_symbol, p_timeframe, p_bar) as b
      join md.ingests as i using (ingest_id);
$function$;

comment on function md.get_lineage(text, text, text) is
$$Where a stored bar comes from: its ingest, normaliser and gate result, the raw answers with what was
asked,
by whom and when; and who else saw it: observations, conflicts, rulings.
Raises: MQN50 there is no such bar.$$;

create or replace function md.get_ingest(
    p_ingest_id uuid
)
returns md.ingests
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_ingest md.ingests;
begin
    select i.* into v_ingest from md.ingests as i where i.ingest_id = p_ingest_id;
    perform core.assert_that(found, 'MQN53', p_ingest_id::text);
    return v_ingest;
end;
$function$;

comment on function md.get_ingest(uuid) is
$$An ingest's row.
Raises: MQN53 there is none.$$;

create or replace function md.list_ingests(
    p_limit integer
)
returns setof md.ingests
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(p_limit between 1 and 1000, 'MQA02', 'limit 1..1000');
    return query
    select i.* from md.ingests as i order by i.ingested_at desc, i.ingest_id limit p_limit;
end;
$function$;

comment on function md.list_ingests(integer) is
$$The last ingests, the newest first.
Raises: MQA02.$$;

create or replace function md.list_ingest_bars(
    p_ingest_id uuid
)
returns setof md.bars
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select b.*
      from md.ingests as g
      join md.coverages as c using (ingest_id)
      join md.bars as b on b.symbol = c.symbol and b.timeframe = g.timeframe
                       and b.bar_end_at between c.first_bar_end_at and c.last_bar_end_at
      join md.ingests as i on i.ingest_id = b.ingest_id
     where g.ingest_id = p_ingest_id
       and not g.is_second
       and i.ingested_at <= g.ingested_at
     union all
    select o.symbol, o.timeframe, o.bar_end_at, o.session_on, o.open_micros, o.high_micros,
           o.low_micros, o.close_micros, o.volume, o.ingest_id
      from md.ingests as g
      join md.coverages as c using (ingest_id)
      join md.observations as o on o.symbol = c.symbol and o.timeframe = g.timeframe
                               and o.bar_end_at between c.first_bar_end_at and c.last_bar_end_at
      join md.ingests as i on i.ingest_id = o.ingest_id
     where g.ingest_id = p_ingest_id
       and g.is_second
       and o.feed = g.feed
       and i.ingested_at <= g.ingested_at;
$function$;

comment on function md.list_ingest_bars(uuid) is
$$What was stored between the first and the last good bar of each symbol of an ingest when it had been taken
in: bars, or the observations of its feed.
Why: what came later does not change the report of an ingest.$$;

create or replace function md.list_ingest_gaps(
    p_ingest_id uuid
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
    with b as materialized (
        select b.symbol, b.bar_end_at from md.list_ingest_bars(p_ingest_id) as b
    )
    select c.symbol, s.session_on, s.ends_at
      from md.ingests as g
      join md.coverages as c using (ingest_id)
      join ref.instruments as i on i.symbol = c.symbol
      join ref.list_periods() as p on p.symbol = c.symbol and p.is_listed
      cross join lateral ref.list_slots(
           i.exchange_id, g.timeframe, (c.first_bar_end_at - interval '1 day')::date,
           (c.last_bar_end_at + interval '1 day')::date) as s
     where g.ingest_id = p_ingest_id
       and s.session_on >= p.listed_on
       and s.session_on < p.delisted_on
       and s.ends_at between c.first_bar_end_at and c.last_bar_end_at
       and (c.symbol, s.ends_at) not in (select b.symbol, b.bar_end_at from b)
     order by c.symbol collate "C", s.ends_at;
$function$;

comment on function md.list_ingest_gaps(uuid) is
$$The slots between the first and the last good bar of each symbol of an ingest for which nothing was stored
when it had been taken in. Holidays and the hours after an early close are none.$$;

create or replace function md.list_ingest_jumps(
    p_ingest_id   uuid,
    p_outlier_bps integer
)
returns table (
    symbol        text,
    session_on    date,
    bar_end_at    timestamptz,
    close_micros  bigint,
    before_micros bigint,
    move_bps      bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select b.symbol, b.session_on, b.bar_end_at, b.close_micros, b.before_micros,
           core.compute_move_bps(b.before_micros, b.close_micros)
      from (select b.symbol, b.session_on, b.bar_end_at, b.close_micros,
                   lag(b.close_micros) over (partition by b.symbol order by b.bar_end_at)
                       as before_micros
              from md.list_ingest_bars(p_ingest_id) as b) as b
     where core.is_apart(b.before_micros, b.close_micros, p_outlier_bps)
     order by b.symbol collate "C", b.bar_end_at;
$function$;

comment on function md.list_ingest_jumps(uuid, integer) is
$$The closes in the range of an ingest that are further from the close before than p_outlier_bps of it; raw
prices, so a split is one, too.$$;

create or replace function md.list_ingest_disagreements(
    p_ingest_id uuid
)
returns table (
    symbol       text,
    session_on   date,
    bar_end_at   timestamptz,
    close_micros bigint,
    feed         text,
    other_micros bigint,
    apart_bps    bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select b.symbol, b.session_on, b.bar_end_at, b.close_micros, o.feed, o.close_micros,
           abs(core.compute_move_bps(b.close_micros, o.close_micros))
      from md.ingests as g
      cross join lateral md.list_ingest_bars(g.ingest_id) as b
      cross join lateral (
        select s.feed, s.close_micros, s.high_micros, s.low_micros, s.ingest_id
          from md.observations as s
         where not g.is_second and s.symbol = b.symbol and s.timeframe = b.timeframe
           and s.bar_end_at = b.bar_end_at
         union all
        select i.feed, s.close_micros, s.high_micros, s.low_micros, s.ingest_id
          from md.bars as s
          join md.ingests as i using (ingest_id)
         where g.is_second and s.symbol = b.symbol and s.timeframe = b.timeframe
           and s.bar_end_at = b.bar_end_at) as o
      join md.ingests as h on h.ingest_id = o.ingest_id
     where g.ingest_id = p_ingest_id
       and h.ingested_at <= g.ingested_at
       and (o.high_micros, o.low_micros, o.close_micros)
           <> (b.high_micros, b.low_micros, b.close_micros)
     order by b.symbol collate "C", b.bar_end_at, o.feed collate "C";
$function$;

comment on function md.list_ingest_disagreements(uuid) is
$$The bars in the range of an ingest whose high, low or close another feed had given otherwise by then.$$;

create or replace function md.list_ingest_sessions(
    p_ingest_id uuid
)
returns table (
    symbol       text,
    session_on   date,
    bars         bigint,
    slots        bigint,
    close_micros bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with b as materialized (
        select b.symbol, b.session_on, count(*) as bars,
               (array_agg(b.close_micros order by b.bar_end_at desc))[1] as close_micros
          from md.list_ingest_bars(p_ingest_id) as b
         group by b.symbol, b.session_on
    ),
    missing as (
        select g.symbol, g.session_on, count(*) as slots
          from md.list_ingest_gaps(p_ingest_id) as g
         group by g.symbol, g.session_on
    )
    select symbol, session_on, coalesce(b.bars, 0), coalesce(b.bars, 0) + coalesce(m.slots, 0),
           b.close_micros
      from b
      full join missing as m using (symbol, session_on)
     order by symbol collate "C", session_on;
$function$;

comment on function md.list_ingest_sessions(uuid) is
$$How many of the slots of each session an ingest's symbols had a bar for, and the last close: what coverage
and prices are drawn from.$$;

create or replace function md.list_ingest_symbols(
    p_ingest_id   uuid,
    p_outlier_bps integer
)
returns table (
    symbol        text,
    bars_ok       bigint,
    bars_rejected bigint,
    bars_skipped  bigint,
    gaps          bigint,
    outliers      bigint,
    disagreements bigint,
    is_monotonic  boolean,
    out_of_order  bigint,
    zero_volumes  bigint,
    earliest      text,
    latest        text,
    verdicts      jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with gaps as (select g.symbol, count(*) as n from md.list_ingest_gaps(p_ingest_id) as g group by 1),
    jumps as (
        select j.symbol, count(*) as n
          from md.list_ingest_jumps(p_ingest_id, p_outlier_bps) as j group by 1
    ),
    others as (
        select d.symbol, count(*) as n
          from md.list_ingest_disagreements(p_ingest_id) as d group by 1
    )
    select c.symbol, coalesce(v.ok, 0), coalesce(v.rejected, 0), coalesce(v.skipped, 0),
           coalesce(gaps.n, 0), coalesce(jumps.n, 0), coalesce(others.n, 0), c.out_of_order = 0,
           c.out_of_order, c.zero_volumes, core.format_iso(c.first_bar_end_at),
           core.format_iso(c.last_bar_end_at), c.verdicts
      from md.coverages as c
      cross join lateral (
        select sum(e.value::bigint) filter (where e.key in ('NEW', 'KNOWN')) as ok,
               sum(e.value::bigint) filter (where md.is_rejected(e.key)) as rejected,
               sum(e.value::bigint) filter (where e.key not in ('NEW', 'KNOWN')
                                              and not md.is_rejected(e.key)) as skipped
          from jsonb_each_text(c.verdicts) as e) as v
      left join gaps using (symbol)
      left join jumps using (symbol)
      left join others using (symbol)
     where c.ingest_id = p_ingest_id
     order by c.symbol collate "C";
$function$;

comment on function md.list_ingest_symbols(uuid, integer) is
$$What an ingest brought for each symbol: good, refused and passed-over rows by verdict, gaps in exchange
slots, jumps beyond p_outlier_bps, disagreement with other feeds, order, volume, range.$$;

create or replace function md.count_verdicts(
    p_verdicts jsonb,
    p_names    text[]
)
returns bigint
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(sum(v.value::bigint), 0)::bigint
      from jsonb_each_text(p_verdicts) as v
     where v.key = any (p_names);
$function$;

comment on function md.count_verdicts(jsonb, text[]) is
$$How many rows met one of these verdicts.$$;

create or replace function md.build_ingest_report(
    p_ingest_id   uuid,
    p_outlier_bps integer
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'ingest', to_jsonb(i),
        'raws', (select jsonb_agg(md.describe_raw(r) order by s.source_no)
                   from md.sources as s join md.raws as r using (raw_sha256)
                  where s.ingest_id = i.ingest_id),
        'coverage', jsonb_build_object(
            'rows_read', i.rows_read, 'rows_ok', i.rows_stored + i.rows_known,
            'rows_inserted', i.rows_stored, 'rows_known', i.rows_known, 'rows_updated', 0,
            'rows_skipped', i.rows_skipped, 'rows_rejected', i.rows_rejected),
        'outlier_bps', p_outlier_bps,
        'per_symbol_timeframe', (
            select coalesce(jsonb_object_agg(s.symbol || '|' || i.timeframe, to_jsonb(s)
                       || jsonb_build_object(
                          'duplicates_in_batch', md.count_verdicts(s.verdicts, '{DUPLICATE}'),
                          'conflicts', md.count_verdicts(s.verdicts, '{CONFLICT,CONFLICT_IN_BATCH}'),
                          'incomplete', md.count_verdicts(s.verdicts, '{INCOMPLETE,NOT_CLOSED}'),
                          'ohlc_sanity_violations', md.count_verdicts(s.verdicts, '{OHLC_INSANE}'),
                          'negative_or_invalid_volume',
                          md.count_verdicts(s.verdicts, '{VOLUME_INVALID}'))), '{}')
              from md.list_ingest_symbols(i.ingest_id, p_outlier_bps) as s),
        'gaps', (select coalesce(jsonb_agg(to_jsonb(g)), '[]')
                   from (select g.* from md.list_ingest_gaps(i.ingest_id) as g limit 200) as g),
        'outliers', (select coalesce(jsonb_agg(to_jsonb(o)), '[]')
                       from (select o.* from md.list_ingest_jumps(i.ingest_id, p_outlier_bps) as o
                              limit 200) as o),
        'disagreements', (select coalesce(jsonb_agg(to_jsonb(d)), '[]')
                            from (select d.* from md.list_ingest_disagreements(i.ingest_id) as d
                                   limit 200) as d),
        'findings', (select coalesce(jsonb_agg(to_jsonb(f) - 'ingest_id'), '[]')
                       from (select f.* from md.findings as f where f.ingest_id = i.ingest_id
                              order by f.line_no limit 200) as f))
      from md.get_ingest(p_ingest_id) as i;
$function$;

comment on function md.build_ingest_report(uuid, integer) is
$$The report of an ingest: what was read, what became of it, by symbol and timeframe; gaps, jumps beyond
p_outlier_bps, disagreements and findings, the first 200 of each.
Why: it is built from what never changes, so it says the same for ever.
Raises: MQN53 there is no such ingest.$$;

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
     order by b.symbol collate "C", b.timeframe;
$function$;

comment on function md.get_quality(text[], text, timestamptz) is
$$How many bars each symbol has in a timeframe (null: in each), how many were refused, and how many are
missing between its first and last bar.$$;

create or replace function md.list_quality(
    p_symbol      text,
    p_outlier_bps integer,
    p_now_at      timestamptz
)
returns table (
    symbol         text,
    timeframe      text,
    bars           bigint,
    first_on       date,
    last_on        date,
    gaps           bigint,
    outliers       bigint,
    zero_volumes   bigint,
    conflicts      bigint,
    open_conflicts bigint,
    disagreements  bigint,
    rows_rejected  bigint,
    feeds          text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select q.symbol, q.timeframe, q.rows_stored, q.first_on, q.last_on, q.gaps,
           (select count(*) from md.list_outliers(
                q.symbol, q.timeframe, '-infinity'::timestamptz, p_outlier_bps, p_now_at)),
           b.zero_volumes, c.conflicts, c.open_conflicts,
           (select count(*)
              from md.observations as o
              join md.bars as s using (symbol, timeframe, bar_end_at)
             where o.symbol = q.symbol and o.timeframe = q.timeframe and o.bar_end_at <= p_now_at
               and (o.high_micros, o.low_micros, o.close_micros)
                   <> (s.high_micros, s.low_micros, s.close_micros)),
           q.rows_rejected, b.feeds
      from md.get_quality(
           array(select i.symbol from ref.instruments as i
                  where i.symbol = coalesce(p_symbol, i.symbol)), null, p_now_at) as q
      cross join lateral (
        select count(*) filter (where b.volume = 0) as zero_volumes,
               string_agg(distinct i.feed collate "C", ', ' order by i.feed collate "C") as feeds
          from md.bars as b
          join md.ingests as i using (ingest_id)
         where b.symbol = q.symbol and b.timeframe = q.timeframe and b.bar_end_at <= p_now_at) as b
      cross join lateral (
        select count(*) as conflicts, count(*) filter (where not c.is_settled) as open_conflicts
          from md.list_conflicts(
               array[q.symbol], q.timeframe, '-infinity'::timestamptz, p_now_at) as c) as c
     order by q.symbol collate "C", q.timeframe;
$function$;

comment on function md.list_quality(text, integer, timestamptz) is
$$What the whole store holds of each symbol and timeframe (p_symbol: of one; null: of all), and what is
wrong
with it: gaps in exchange slots, jumps beyond p_outlier_bps of raw closes, bars without volume, other values
that came, disagreement with observations, refused rows; and the feeds that the bars come from.$$;

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
     order by m.symbol collate "C", m.timeframe;
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
     order by n.symbol collate "C";
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
     order by i.symbol collate "C";
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
    select string_agg(n.symbol, ', ' order by n.symbol collate "C") into v_bad
      from jsonb_array_elements_text(p_symbols) as n (symbol)
     where not exists (select from ref.instruments as i where i.symbol = n.symbol);
    perform core.assert_that(v_bad is null, 'MQN03', v_bad);
    select string_agg(i.symbol, ', ' order by i.symbol collate "C") into v_bad
      from jsonb_array_elements_text(p_symbols) as n (symbol)
      join ref.instruments as i using (symbol)
     where not exists (select from ref.get_closed_slot(i.exchange_id, p_timeframe, p_now_at));
    perform core.assert_that(v_bad is null, 'MQN04', v_bad);
    select string_agg(w.symbol, ', ' order by w.symbol collate "C") into v_bad
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
    select coalesce(jsonb_agg(s.symbol order by s.symbol collate "C"), '[]')
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
     order by w.symbol collate "C";
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
create or replace trigger _900_refuse_change before update or delete on md.policies
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.policies
for each statement execute function core.tg_refuse_change();
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
create or replace trigger _900_refuse_change before update or delete on md.rulings
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.rulings
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.coverages
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on md.coverages
for each statement execute function core.tg_refuse_change();

commit;
