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
begin
    perform core.assert_that(
        num_nulls(p_feed, p_request, p_content_type, p_body, p_now_at) = 0, 'MQA01',
        'feed, request, content_type, body, now_at');
    v_secrets := core.find_secret(p_request::text);
    perform core.assert_that(v_secrets is null, 'MQA30', v_secrets);
    insert into md.raws (feed, request, content_type, body, fetched_by, fetched_at)
    values (p_feed, p_request, p_content_type, p_body, audit.get_actor(), p_now_at)
    on conflict (raw_sha256) do nothing;
    return encode(sha256(p_body), 'hex');
end;
$function$;

comment on function md.keep_raw(text, jsonb, text, bytea, timestamptz) is
$$Keeps what a feed answered, byte for byte; gives the SHA-256 of the body. The same body again: nothing.
Why: what was read out of an answer can be read out of it again, also when it was refused.
Raises: MQA01; MQA30 a secret in the request; 23514 a feed without a name, a body above 64 MiB.$$;

create or replace function md.parse_bars(
    p_timeframe text,
    p_rows      jsonb,
    p_now_at    timestamptz
)
returns setof md.judged_bar
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with typed as (
        select r.*, i.exchange_id, coalesce(r.is_complete, 'true') as flag,
               core.parse_date(r.session_on) as day_on,
               core.parse_time(r.starts_at) as start_at, core.parse_time(r.ends_at) as end_at,
               core.parse_micros(r.open) as o, core.parse_micros(r.high) as h,
               core.parse_micros(r.low) as l, core.parse_micros(r.close) as c,
               core.parse_shares(r.volume) as v
          from jsonb_to_recordset(p_rows) as r (
               line_no bigint, symbol text, timeframe text, session_on text, starts_at text, ends_at text,
               open text, high text, low text, close text, volume text, is_complete text)
          left join ref.instruments as i on i.symbol = r.symbol
    )
    select t.line_no, t.symbol, s.session_on, s.ends_at, t.o, t.h, t.l, t.c, t.v,
           case when t.timeframe is distinct from p_timeframe then 'TIMEFRAME_DIFFERS'
                when t.exchange_id is null then 'SYMBOL_UNKNOWN'
                when num_nonnulls(t.session_on, t.starts_at, t.ends_at) <> 1
                     or num_nonnulls(t.day_on, t.start_at, t.end_at) <> 1
                     or t.day_on is not null and p_timeframe <> '1D' then 'TIME_INVALID'
                when s.session_on is null and t.day_on is not null then 'NOT_A_SESSION'
                when s.session_on is null then 'OUT_OF_SESSION'
                when p.symbol is null then 'NOT_LISTED'
                when t.start_at <> s.starts_at or t.end_at <> s.ends_at then 'NOT_ON_GRID'
                when t.flag <> 'true' then
                     case t.flag when 'false' then 'INCOMPLETE' else 'FLAG_INVALID' end
                when s.ends_at > p_now_at then 'NOT_CLOSED'
                when num_nulls(t.o, t.h, t.l, t.c) > 0 or least(t.o, t.h, t.l, t.c) <= 0
                     or greatest(t.o, t.h, t.l, t.c) > 10000000000000 then 'PRICE_INVALID'
                when t.l > least(t.o, t.c) or t.h < greatest(t.o, t.c) then 'OHLC_INSANE'
                when t.v is null or t.v < 0 then 'VOLUME_INVALID' end,
           format('%s %s o=%s h=%s l=%s c=%s v=%s', t.symbol,
                  coalesce(t.session_on, t.starts_at, t.ends_at), t.open, t.high, t.low, t.close,
                  t.volume)
      from typed as t
      left join lateral (
        select d.session_on, d.opens_at as starts_at, d.closes_at as ends_at
          from ref.sessions as d
         where d.exchange_id = t.exchange_id and d.session_on = t.day_on
         union all
        select g.*
          from ref.get_slot(t.exchange_id, p_timeframe,
                            coalesce(t.start_at, t.end_at - interval '1 us')) as g) as s on true
      left join ref.list_periods() as p
        on p.symbol = t.symbol and p.is_listed
       and s.session_on >= p.listed_on and s.session_on < p.delisted_on;
$function$;

comment on function md.parse_bars(text, jsonb, timestamptz) is
$$Every row of a batch in types, with the first law it breaks as its verdict, or null when it is good.
p_rows: [{line_no, symbol, timeframe, one of session_on (1D) | starts_at | ends_at (with offset), open,
high, low, close, volume, is_complete}], values as text; is_complete may be left out.
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
    with counted as (
        select p.*, row_number() over (same order by p.line_no) as nth,
               count(*) over same as alike,
               count(*) over (partition by p.symbol, p.bar_end_at, p.verdict is null) as versions
          from md.parse_bars(p_timeframe, p_rows, p_now_at) as p
        window same as (partition by p.symbol, p.bar_end_at, p.verdict is null, p.open_micros,
                        p.high_micros, p.low_micros, p.close_micros, p.volume)
    )
    select c.line_no, c.symbol, c.session_on, c.bar_end_at, c.open_micros, c.high_micros, c.low_micros,
           c.close_micros, c.volume,
           case when c.verdict is not null then c.verdict
                when c.alike <> c.versions then 'CONFLICT_IN_BATCH'
                when c.nth > 1 then 'DUPLICATE'
                when b.volume is null then 'NEW'
                when (b.open_micros, b.high_micros, b.low_micros, b.close_micros, b.volume)
                     = (c.open_micros, c.high_micros, c.low_micros, c.close_micros, c.volume)
                then 'KNOWN'
                else 'CONFLICT' end,
           c.detail
      from counted as c
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
        jsonb_typeof(p_rows) = 'array', 'MQA05', coalesce(jsonb_typeof(p_rows), 'null'));
    perform pg_advisory_xact_lock(hashtextextended('md.ingest ' || p_timeframe, 0));
    v_rows := array(select j from md.judge_bars(
                        p_feed, p_is_second, p_timeframe, p_rows, p_now_at) as j);
    v_report := md.count_rows(v_rows);
    v_report.feed := p_feed;
    v_report.is_second := p_is_second;
    v_report.normaliser := p_normaliser;
    v_report.timeframe := p_timeframe;
    v_report.policy := p_policy;
    v_report.rows_sha256 := core.hash_text(p_rows::text);
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
    select p_report.ingest_id, coalesce(r.line_no, 0), r.symbol, r.verdict, left(r.detail, 300)
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
    select u.symbol, b.close_micros, b.bar_end_at
      from md.policies as p
      join run.universe as u using (run_id)
      left join lateral md.list_bars_as_of(u.symbol, p.timeframe, 1, p_now_at) as b on true
     where p.run_id = p_run_id;
end;

comment on function md.list_marks(uuid, timestamptz) is
$$The last close of each symbol of a run's universe at p_now_at, null where there is none.$$;

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

create or replace trigger _900_refuse_change before update or delete on md.bars
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.findings
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on md.ingests
for each row execute function core.tg_refuse_change();
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

commit;
