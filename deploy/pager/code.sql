-- Deploy mqk:pager/code to pg
-- built from sql/pager by `make code`: edit there

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

create or replace function pager.redact_text(
    p_text text
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
           p_text,
           '(https?://[^\s/]+/api/(?:v\d+/)?webhooks/)\S+', '\1***', 'gi'),
           '(://)[^\s/@]+@', '\1***@', 'g'),
           '((?:secret|password|passwd|token|api[_-]?key|authorization|bearer)["'']?\s*[:= ]\s*["'']?)'
           '[^\s"'',;]+', '\1***', 'gi'),
           '\m(?:PK|AK|CK)[A-Z0-9]{14,}\M', '***', 'g'),
           '(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{40,63}|[A-Za-z0-9+/]{65,})(?![A-Za-z0-9+/])', '***', 'g');
$function$;

comment on function pager.redact_text(text) is
$$A text without what looks like a secret: webhooks, passwords in URLs, what follows secret, token, key or
password, key ids of brokers, and runs of 40 letters and digits or more (but for digests, which have 64).
Why: reasons quote what a broker answered, and a notice leaves the house.$$;

create or replace function pager.describe_event(
    p_payload jsonb
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select left(pager.redact_text(coalesce(string_agg(
               case when e.key = 'reason' then e.value
                    when e.key ~ '_micros$' then replace(left(e.key, -7), '_', ' ') || ' '
                                                 || core.format_micros(e.value::bigint)
                    else replace(e.key, '_', ' ') || ' ' || e.value end,
               ', ' order by e.key <> 'reason', e.key), '')), 250)
      from jsonb_each_text(p_payload) as e
     where e.value <> ''
       and e.key !~ '_seq$|_sha256$|^evidence$|^arguments$';
$function$;

comment on function pager.describe_event(jsonb) is
$$What an event's payload says, in one line of at most 250 characters: the reason first, then every other
value by name, money in dollars; numbers of rows, digests
and evidence stay in the diary. No secret.$$;

create or replace function pager.compute_pause(
    p_failures integer
)
returns interval
language sql
immutable
parallel safe
return (array['5 s', '10 s', '20 s', '40 s', '80 s', '160 s', '320 s', '10 min']::interval[])[
    least(p_failures, 7) + 1];

comment on function pager.compute_pause(integer) is
$$How long a channel rests after a delivery with so many failures in a row: 5 s, doubled by each, at most
10 minutes.
Why: in a storm a channel gets a digest every 5 s, not a message a notice; one that is down is not
asked at every tick.$$;

create or replace function pager.get_engine_id(
    p_run_id uuid,
    p_now_at timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs;
begin
    perform core.assert_that(num_nulls(p_run_id, p_now_at) = 0, 'MQA01', 'run_id, now_at');
    select r.* into v_run from run.runs as r where r.run_id = p_run_id;
    perform core.assert_that(found, 'MQN02', p_run_id::text);
    if v_run.clock_kind = 'SERVER' then
        perform core.assert_clock_is_near(p_now_at);
    end if;
    return v_run.engine_id;
end;
$function$;

comment on function pager.get_engine_id(uuid, timestamptz) is
$$The engine of a run, for a caller whose clock is right.
Why: it locks nothing. Whoever tells people what happened must never hold up a trade or a halt.
Raises: MQA01; MQN02; MQA03 the time is far from the server's clock.$$;

create or replace function pager.collect_notices(
    p_engine_id text
)
returns bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    with behind as materialized (
        select c.chain_id, c.run_id, coalesce(k.read_seq, 0) as after_seq,
               least(c.last_seq, coalesce(k.read_seq, 0) + 1000) as until_seq
          from audit.chains as c
          left join pager.cursors as k using (chain_id)
         where c.engine_id = p_engine_id
           and c.last_seq > coalesce(k.read_seq, 0)
    ), advanced as (
        insert into pager.cursors as k (chain_id, read_seq)
        select b.chain_id, b.until_seq from behind as b order by b.chain_id
        on conflict (chain_id) do update set read_seq = greatest(k.read_seq, excluded.read_seq)
    ), told as (
        select e.*, t.event_text, u.severity, u.quiet_ms,
               case when u.channel <> 'MODE' then u.channel
                    else coalesce(nullif(r.mode, 'SHADOW'), 'PAPER') end as to_channel
          from behind as b
          join audit.events as e on e.chain_id = b.chain_id
                                and e.event_seq > b.after_seq and e.event_seq <= b.until_seq
          join pager.rules as u on u.event_name = e.event_name and e.payload @> u.matching
          left join run.runs as r on r.run_id = b.run_id
          cross join lateral pager.describe_event(e.payload) as t (event_text)
    ), made as (
        insert into pager.notices (
            engine_id, notice_id, chain_id, event_seq, event_name, channel, severity, notice_text,
            happened_at, attempts)
        select p_engine_id, core.derive_id('notice', array[t.to_channel, t.chain_id::text] || case
                   when t.quiet_ms = 0 then array[t.event_seq::text]
                   else array[t.event_name, t.event_text, core.format_iso(date_bin(
                            t.quiet_ms * interval '1 ms', t.occurred_at, 'epoch'))] end),
               t.chain_id, t.event_seq, t.event_name, t.to_channel, t.severity, t.event_text,
               t.occurred_at, 0
          from told as t
         order by array_position(array['CRITICAL', 'WARN', 'INFO'], t.severity), t.event_seq
        on conflict (engine_id, notice_id) do nothing
        returning 1
    )
    select count(*) from made;
$function$;

comment on function pager.collect_notices(text) is
$$Reads on in the engine's chains, at most 1000 events a chain, and makes a notice of each event that a
rule names; gives how many.
Why: the diary is written in the transaction of the fact and each chain has no holes, so nothing that
happened is missed and nothing is told that did not happen; and whoever trades waits for nobody here.
The same text within the quiet time of its rule is one notice.$$;

create or replace function pager.expire_deliveries(
    p_engine_id text,
    p_now_at    timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    update pager.deliveries as d
       set delivery_status = 'LOST', detail = 'nobody said what became of it',
           failures = d.failures + 1, ended_at = p_now_at,
           next_at = p_now_at + pager.compute_pause(d.failures + 1)
     where d.engine_id = p_engine_id
       and d.delivery_status = 'BEGUN'
       and d.expires_at <= p_now_at;
    update pager.notices as n
       set given_up_at = p_now_at
     where n.engine_id = p_engine_id
       and n.attempts >= 10
       and n.delivered_at is null
       and n.given_up_at is null
       and not exists (
           select from pager.deliveries as d
            where d.engine_id = n.engine_id and d.channel = n.channel
              and d.delivery_no = n.delivery_no and d.delivery_status = 'BEGUN');
$function$;

comment on function pager.expire_deliveries(text, timestamptz) is
$$Ends deliveries whose worker fell silent, so that their notices are told again, and gives up notices
that ten deliveries did not bring.
Why: told twice is better than not told; and a webhook is not asked for ever.$$;

create or replace function pager.begin_delivery(
    p_engine_id   text,
    p_channel     text,
    p_worker_name text,
    p_now_at      timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_last pager.deliveries;
    v_no   bigint;
begin
    select d.* into v_last
      from pager.deliveries as d
     where d.engine_id = p_engine_id and d.channel = p_channel
     order by d.delivery_no desc
     limit 1;
    if v_last.delivery_status = 'BEGUN' or v_last.next_at > p_now_at then
        return null;
    end if;
    insert into pager.deliveries (
        engine_id, channel, delivery_no, worker_name, actor, delivery_status, failures, detail,
        begun_at, expires_at)
    values (p_engine_id, p_channel, coalesce(v_last.delivery_no, 0) + 1, p_worker_name, session_user,
            'BEGUN', coalesce(v_last.failures, 0), '', p_now_at, p_now_at + interval '1 minute')
    on conflict do nothing
    returning delivery_no into v_no;
    with urgent as materialized (
        select n.notice_id
          from pager.notices as n
         where n.engine_id = p_engine_id and n.channel = p_channel
           and n.delivered_at is null and n.given_up_at is null
           and v_no is not null
         order by n.urgency, n.happened_at, n.event_seq, n.notice_id
         limit 500
           for update skip locked
    )
    update pager.notices as n
       set delivery_no = v_no, attempts = n.attempts + 1
      from urgent as u
     where n.engine_id = p_engine_id and n.notice_id = u.notice_id;
    return v_no;
end;
$function$;

comment on function pager.begin_delivery(text, text, text, timestamptz) is
$$Puts the most urgent notices of a channel, at most 500, into one delivery and gives its number; null
while another one is under way or the channel rests.
Why: one sender a channel (unique index), and a storm becomes one message.$$;

create or replace function pager.format_title(
    p_engine_id   text,
    p_channel     text,
    p_delivery_no bigint
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select left(p_engine_id || ': ' || string_agg(
               case k.notices when 1 then '' else k.notices || ' ' end || k.event_name, ', '
               order by k.urgency, k.event_name), 100)
      from (select n.event_name, count(*) as notices, min(n.urgency) as urgency
              from pager.notices as n
             where n.engine_id = p_engine_id and n.channel = p_channel
               and n.delivery_no = p_delivery_no
             group by n.event_name) as k;
$function$;

comment on function pager.format_title(text, text, bigint) is
$$A delivery in one line: engine, and how many notices of each event, the most urgent first.$$;

create or replace function pager.format_body(
    p_engine_id   text,
    p_channel     text,
    p_delivery_no bigint
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select string_agg(format('%s %s %s, run %s: %s', core.format_iso(n.happened_at), n.severity,
                             n.event_name, left(n.chain_id::text, 8), n.notice_text),
                      e'\n' order by n.place)
           || case when max(n.total) > 8 then format(e'\n(%s more)', max(n.total) - 8) else '' end
      from (select n.*, count(*) over () as total,
                   row_number() over (order by n.urgency, n.happened_at, n.event_seq, n.notice_id) as place
              from pager.notices as n
             where n.engine_id = p_engine_id and n.channel = p_channel
               and n.delivery_no = p_delivery_no) as n
     where n.place <= 8;
$function$;

comment on function pager.format_body(text, text, bigint) is
$$The eight most urgent notices of a delivery, one a line, and how many more it carries; at most 2800
characters.$$;

create or replace function pager.claim_notices(
    p_run_id      uuid,
    p_worker_name text,
    p_now_at      timestamptz
)
returns table (
    channel     text,
    delivery_no bigint,
    severity    text,
    notices     bigint,
    title       text,
    body        text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_engine_id text := pager.get_engine_id(p_run_id, p_now_at);
begin
    perform pager.collect_notices(v_engine_id);
    perform pager.expire_deliveries(v_engine_id, p_now_at);
    for channel in
        select n.channel
          from pager.notices as n
         where n.engine_id = v_engine_id
           and n.delivered_at is null and n.given_up_at is null
         group by n.channel
         order by min(n.urgency), n.channel
    loop
        delivery_no := pager.begin_delivery(v_engine_id, channel, p_worker_name, p_now_at);
        select count(*), (array['CRITICAL', 'WARN', 'INFO'])[min(n.urgency)] into notices, severity
          from pager.notices as n
         where n.engine_id = v_engine_id and n.channel = claim_notices.channel
           and n.delivery_no = claim_notices.delivery_no;
        continue when notices = 0;
        title := pager.format_title(v_engine_id, channel, delivery_no);
        body := pager.format_body(v_engine_id, channel, delivery_no);
        return next;
    end loop;
end;
$function$;

comment on function pager.claim_notices(uuid, text, timestamptz) is
$$Gives one worker at most one message a channel, the most urgent channel first, to be delivered within a
minute: how bad the worst of its notices is, how many it carries, a title (at most 100 characters) and
a body (at most 2800).
Raises: MQA01; MQN02; MQA03.$$;

create or replace function pager.end_delivery(
    p_run_id      uuid,
    p_channel     text,
    p_delivery_no bigint,
    p_status      text,
    p_detail      text,
    p_rest_ms     integer,
    p_now_at      timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_delivery pager.deliveries;
begin
    perform core.assert_that(
        p_rest_ms between 0 and 3600000, 'MQA02', format('rest_ms %s not in 0..3600000', p_rest_ms));
    update pager.deliveries as d
       set delivery_status = p_status, detail = left(pager.redact_text(p_detail), 300),
           failures = k.failures, ended_at = k.ended_at,
           next_at = k.ended_at + least(interval '1 hour', greatest(
               p_rest_ms * interval '1 ms', pager.compute_pause(k.failures)))
      from (values (pager.get_engine_id(p_run_id, p_now_at))) as e (engine_id)
     cross join lateral (
        select case p_status when 'DELIVERED' then 0 else x.failures + 1 end as failures,
               greatest(x.begun_at, p_now_at) as ended_at
          from pager.deliveries as x
         where x.engine_id = e.engine_id and x.channel = p_channel
           and x.delivery_no = p_delivery_no) as k
     where d.engine_id = e.engine_id and d.channel = p_channel and d.delivery_no = p_delivery_no
       and d.delivery_status = 'BEGUN'
    returning d.* into v_delivery;
    if not found then
        return false;
    end if;
    update pager.notices as n
       set delivered_at = v_delivery.ended_at
     where n.engine_id = v_delivery.engine_id and n.channel = p_channel
       and n.delivery_no = p_delivery_no
       and p_status = 'DELIVERED';
    return true;
end;
$function$;

comment on function pager.end_delivery(uuid, text, bigint, text, text, integer, timestamptz) is
$$Says what became of a delivery (DELIVERED or FAILED, and what the other side said); false when it has
ended before. The channel rests as long as the other side asks (p_rest_ms) and as pager.compute_pause
wants, at most an hour.
Raises: MQA02 a rest over an hour; MQA03; MQN02; 23514 no such status.$$;

insert into pager.rules (event_name, matching, channel, severity, quiet_ms)
values
    ('RUN_CREATED', '{}', 'C2', 'INFO', 0),
    ('RUN_APPROVED', '{}', 'C2', 'INFO', 0),
    ('RUN_ARMED', '{}', 'C2', 'INFO', 0),
    ('RUN_ARMED', '{}', 'MODE', 'INFO', 0),
    ('RUN_RUNNING', '{}', 'C2', 'INFO', 0),
    ('RUN_RUNNING', '{}', 'MODE', 'INFO', 0),
    ('RUN_STOPPED', '{}', 'C2', 'INFO', 0),
    ('RUN_STOPPED', '{}', 'MODE', 'INFO', 0),
    ('RUN_HALTED', '{}', 'ALERTS', 'CRITICAL', 0),
    ('RUN_HALTED', '{}', 'MODE', 'CRITICAL', 0),
    ('HALT_BROKE_LOCKS', '{}', 'ALERTS', 'WARN', 0),
    ('ACTION_REFUSED', '{}', 'C2', 'WARN', 0),
    ('GATE_SHUT', '{}', 'ALERTS', 'WARN', 3600000),
    ('GATE_SHUT', '{"gate": "DEADMAN"}', 'HEARTBEAT', 'CRITICAL', 0),
    ('GATE_OPENED', '{"gate": "DEADMAN"}', 'HEARTBEAT', 'INFO', 0),
    ('GATE_SHUT', '{"gate": "CONTINUITY"}', 'HEARTBEAT', 'WARN', 3600000),
    ('GATE_OPENED', '{"gate": "CONTINUITY"}', 'HEARTBEAT', 'INFO', 3600000),
    ('LEASE_TAKEN', '{}', 'HEARTBEAT', 'INFO', 0),
    ('LEASE_RELEASED', '{}', 'HEARTBEAT', 'INFO', 0),
    ('COMPARED_DIRTY', '{}', 'ALERTS', 'CRITICAL', 3600000),
    ('SNAPSHOT_REFUSED', '{}', 'ALERTS', 'WARN', 3600000),
    ('MESSAGE_QUARANTINED', '{}', 'ALERTS', 'CRITICAL', 0),
    ('OUTBOX_AMBIGUOUS', '{}', 'ALERTS', 'CRITICAL', 0),
    ('OUTBOX_FAILED', '{}', 'MODE', 'WARN', 0),
    ('ORDER_REJECTED', '{}', 'MODE', 'WARN', 0),
    ('ORDER_DENY', '{}', 'MODE', 'WARN', 0),
    ('CANCEL_GIVEN_UP', '{}', 'ALERTS', 'CRITICAL', 0),
    ('FLATTEN_ASKED', '{}', 'ALERTS', 'CRITICAL', 0),
    ('FLATTEN_WAITS', '{}', 'ALERTS', 'CRITICAL', 0),
    ('ACTION_APPLIED', '{}', 'MODE', 'INFO', 0),
    ('ANCHORED', '{}', 'C2', 'INFO', 0),
    ('FLATTENED', '{}', 'ALERTS', 'WARN', 0),
    ('DAY_TRADER_FLAGGED', '{}', 'ALERTS', 'WARN', 0),
    ('FILL_BOOKED', '{}', 'MODE', 'INFO', 0),
    ('REVERSAL_BOOKED', '{}', 'ALERTS', 'WARN', 0),
    ('CORRECTION_BOOKED', '{}', 'ALERTS', 'WARN', 0)
on conflict (event_name, matching, channel) do update
   set severity = excluded.severity, quiet_ms = excluded.quiet_ms;

create or replace trigger _100_guard_end before update on pager.deliveries
for each row when (old.delivery_status <> 'BEGUN') execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on pager.deliveries
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on pager.deliveries
for each statement execute function core.tg_refuse_change();
create or replace trigger _100_guard_end before update on pager.notices
for each row when (num_nonnulls(old.delivered_at, old.given_up_at) > 0)
execute function core.tg_refuse_change();
create or replace trigger _110_guard_terms before update on pager.notices
for each row when (
    (old.engine_id, old.notice_id, old.chain_id, old.event_seq, old.event_name, old.channel,
     old.severity, old.notice_text, old.happened_at)
    is distinct from
    (new.engine_id, new.notice_id, new.chain_id, new.event_seq, new.event_name, new.channel,
     new.severity, new.notice_text, new.happened_at)) execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on pager.notices
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on pager.notices
for each statement execute function core.tg_refuse_change();

commit;
