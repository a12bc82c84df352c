-- Deploy mqk:api/code to pg
-- built from sql/api by `make code`: edit there

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

create or replace function api.run_create(
    p_config   text,
    p_as_of_at timestamptz,
    p_now_at   timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
      from ops.perform_action(
           'CREATE', null, jsonb_build_object(
               'config', p_config, 'as_of_at', core.format_iso(p_as_of_at)), p_now_at) as f;
$function$;

comment on function api.run_create(text, timestamptz, timestamptz) is
$$Creates a run from a config in canonical json.$$;

create or replace function api.run_approve(
    p_run_id  uuid,
    p_confirm text,
    p_now_at  timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
      from ops.perform_action(
           'APPROVE', p_run_id, jsonb_build_object('confirm', p_confirm), p_now_at) as f;
$function$;

comment on function api.run_approve(uuid, text, timestamptz) is
$$A second person approves arming a LIVE run, in the exact words that arm it, for 15 minutes.$$;

create or replace function api.run_arm(
    p_run_id  uuid,
    p_confirm text,
    p_now_at  timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
      from ops.perform_action(
           'ARM', p_run_id, jsonb_build_object('confirm', p_confirm), p_now_at) as f;
$function$;

comment on function api.run_arm(uuid, text, timestamptz) is
$$Arms a run when every check passes and the words are exact.$$;

create or replace function api.run_begin(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
      from ops.perform_action(
           'BEGIN', p_run_id, '{}', p_now_at) as f;
$function$;

comment on function api.run_begin(uuid, timestamptz) is
$$Begins an armed run.$$;

create or replace function api.run_stop(
    p_run_id uuid,
    p_reason text,
    p_now_at timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
      from ops.perform_action(
           'STOP', p_run_id, jsonb_build_object('reason', p_reason), p_now_at) as f;
$function$;

comment on function api.run_stop(uuid, text, timestamptz) is
$$Stops an armed or running run.$$;

create or replace function api.run_halt(
    p_run_id uuid,
    p_reason text,
    p_now_at timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
      from ops.perform_action(
           'HALT', p_run_id, jsonb_build_object('reason', p_reason), p_now_at) as f;
$function$;

comment on function api.run_halt(uuid, text, timestamptz) is
$$Halts a run at once, from wherever it stands.$$;

create or replace function api.run_flatten(
    p_run_id uuid,
    p_reason text,
    p_now_at timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
      from ops.perform_action(
           'FLATTEN', p_run_id, jsonb_build_object('reason', p_reason), p_now_at) as f;
$function$;

comment on function api.run_flatten(uuid, text, timestamptz) is
$$Halts a run and asks for all its positions to be closed; the gateway does it.$$;

create or replace function api.run_clear_halted(
    p_run_id uuid,
    p_reason text,
    p_now_at timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
      from ops.perform_action(
           'CLEAR_HALTED', p_run_id, jsonb_build_object('reason', p_reason), p_now_at) as f;
$function$;

comment on function api.run_clear_halted(uuid, text, timestamptz) is
$$Clears a halt; the run is STOPPED and disarmed.$$;

create or replace function api.run_preflight(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    check_name text,
    is_ok      boolean,
    detail     text,
    fix        text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.check_name, f.is_ok, f.detail, f.fix
      from ops.check_preflight(p_run_id, p_now_at) as f
     where run.assert_run(p_run_id);
$function$;

comment on function api.run_preflight(uuid, timestamptz) is
$$Every check before arming.
Raises: MQN02.$$;

create or replace function api.run_arm_words(
    p_run_id uuid
)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select ops.get_arm_words(p_run_id)
     where run.assert_run(p_run_id);
$function$;

comment on function api.run_arm_words(uuid) is
$$The exact words that arm the run.
Raises: MQN02.$$;

create or replace function api.run_change_mode(
    p_engine_id text,
    p_mode      text,
    p_reason    text,
    p_now_at    timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
      from ops.perform_action(
           'CHANGE_MODE', null,
           jsonb_build_object('engine_id', p_engine_id, 'mode', p_mode, 'reason', p_reason),
           p_now_at) as f;
$function$;

comment on function api.run_change_mode(text, text, text, timestamptz) is
$$Lets the runs of an engine be active in another mode: PAPER, SHADOW or LIVE.$$;

create or replace function api.run_find(
    p_engine_id text
)
returns uuid
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select run.find_run(p_engine_id);
$function$;

comment on function api.run_find(text) is
$$The run of an engine: the active one, else the latest.
Raises: MQN02 the engine has none.$$;

create or replace function api.status_all(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    section text,
    item    text,
    value   text,
    is_ok   boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.section, f.item, f.value, f.is_ok
      from ops.list_status(p_run_id, p_now_at) as f
     where run.assert_run(p_run_id);
$function$;

comment on function api.status_all(uuid, timestamptz) is
$$A run at a glance.
Raises: MQN02.$$;

create or replace function api.why_all(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    step     integer,
    gate     text,
    is_open  boolean,
    since    timestamptz,
    reason   text,
    measured text,
    evidence text,
    clear    text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.step, f.gate, f.is_open, f.since, f.reason, f.measured, f.evidence,
           f.clear
      from ops.list_holds(p_run_id, p_now_at) as f
     where run.assert_run(p_run_id);
$function$;

comment on function api.why_all(uuid, timestamptz) is
$$Why the run does or does not trade.
Raises: MQN02.$$;

create or replace function api.run_check_health(
    p_now_at timestamptz
)
returns table (
    run_id      uuid,
    engine_id   text,
    worker_kind text,
    worker_name text,
    beat_at     timestamptz,
    silent_ms   bigint,
    ttl_ms      integer,
    is_alive    boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.run_id, f.engine_id, f.worker_kind, f.worker_name, f.beat_at, f.silent_ms, f.ttl_ms,
           f.is_alive
      from run.list_health(p_now_at) as f;
$function$;

comment on function api.run_check_health(timestamptz) is
$$The signs of life of every running run's workers.$$;

create or replace function api.run_list()
returns table (
    run_id      uuid,
    engine_id   text,
    run_seq     bigint,
    mode        text,
    run_status  text,
    account_id  text,
    strategy_id text,
    created_at  timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select r.run_id, r.engine_id, r.run_seq, r.mode, r.run_status, r.account_id, a.strategy_id,
           r.created_at
      from run.runs as r
      left join strat.assignments as a using (run_id)
     order by r.created_at desc, r.engine_id, r.run_seq desc;
$function$;

comment on function api.run_list() is
$$All runs, newest first.$$;

create or replace function api.run_show(
    p_run_id uuid
)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select ops.report_run(p_run_id)
     where run.assert_run(p_run_id);
$function$;

comment on function api.run_show(uuid) is
$$A run with its config, symbols and history.
Raises: MQN02.$$;

create or replace function api.run_strategies()
returns table (
    strategy_id   text,
    strategy_kind text,
    version       text,
    is_enabled    boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select s.strategy_id, s.strategy_kind, s.version, s.is_enabled
      from strat.strategies as s
     order by s.strategy_id collate "C";
$function$;

comment on function api.run_strategies() is
$$Registered strategies.$$;

create or replace function api.md_load_calendar(
    p_exchange_id text,
    p_time_zone   text,
    p_rows        jsonb,
    p_now_at      timestamptz
)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select ref.load_sessions(p_exchange_id, p_time_zone, p_rows, p_now_at);
$function$;

comment on function api.md_load_calendar(text, text, jsonb, timestamptz) is
$$Loads exchange sessions; gives how many were new.$$;

create or replace function api.md_load_instruments(
    p_rows   jsonb,
    p_now_at timestamptz
)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select md.load_instruments(p_rows, p_now_at);
$function$;

comment on function api.md_load_instruments(jsonb, timestamptz) is
$$Loads what names stand for; gives how many facts were new.
Raises: MQA05; MQA02; MQA10; 23503.$$;

create or replace function api.md_keep_raw(
    p_feed         text,
    p_request      jsonb,
    p_content_type text,
    p_body         bytea,
    p_now_at       timestamptz
)
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select md.keep_raw(p_feed, p_request, p_content_type, p_body, p_now_at);
$function$;

comment on function api.md_keep_raw(text, jsonb, text, bytea, timestamptz) is
$$Keeps what a feed or a file said, byte for byte; gives its SHA-256.$$;

create or replace function api.md_load_classifications(
    p_rows   jsonb,
    p_now_at timestamptz
)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select ref.load_classifications(p_rows, p_now_at);
$function$;

comment on function api.md_load_classifications(jsonb, timestamptz) is
$$Loads classes of instruments; gives how many were new.
Raises: MQA05; MQA10; 23503.$$;

create or replace function api.md_amend_session(
    p_exchange_id text,
    p_session_on  date,
    p_opens       text,
    p_closes      text,
    p_reason      text,
    p_now_at      timestamptz
)
returns table (
    exchange_id   text,
    session_on    date,
    was_opens_at  timestamptz,
    was_closes_at timestamptz,
    opens_at      timestamptz,
    closes_at     timestamptz
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.exchange_id, f.session_on, f.was_opens_at, f.was_closes_at, f.opens_at, f.closes_at
      from ops.amend_session(
           p_exchange_id, p_session_on, p_opens, p_closes, p_reason, p_now_at) as f
     where f.exchange_id is not null;
$function$;

comment on function api.md_amend_session(text, date, text, text, text, timestamptz) is
$$Amends the hours of a session to come, or closes it; no row if they are so already.
Raises: MQA01; MQA12; MQA02; MQN04; MQS20; 23514.$$;

create or replace function api.md_calendar(
    p_exchange_id text,
    p_from_on     date,
    p_to_on       date,
    p_now_at      timestamptz
)
returns table (
    session_on  date,
    opens_at    timestamptz,
    closes_at   timestamptz,
    opens       text,
    closes      text,
    is_half_day boolean,
    slots       jsonb,
    amended     text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.session_on, f.opens_at, f.closes_at, f.opens, f.closes, f.is_half_day, f.slots,
           f.amended
      from ref.list_sessions(p_exchange_id, p_from_on, p_to_on, p_now_at) as f;
$function$;

comment on function api.md_calendar(text, date, date, timestamptz) is
$$The sessions of an exchange between two days (left out: 30 days from today).
Raises: MQN04; MQA02.$$;

create or replace function api.md_clock(
    p_exchange_id text,
    p_at          timestamptz
)
returns table (
    is_open       boolean,
    session_on    date,
    opens_at      timestamptz,
    closes_at     timestamptz,
    is_half_day   boolean,
    previous_on   date,
    next_on       date,
    next_open_at  timestamptz,
    next_close_at timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.is_open, f.session_on, f.opens_at, f.closes_at, f.is_half_day, f.previous_on,
           f.next_on, f.next_open_at, f.next_close_at
      from ref.describe_market(p_exchange_id, p_at) as f;
$function$;

comment on function api.md_clock(text, timestamptz) is
$$An exchange at an instant: open or not, whose day it is, what comes next.
Raises: MQA01; MQN04.$$;

create or replace function api.md_instruments(
    p_symbol text
)
returns table (
    symbol          text,
    exchange_id     text,
    instrument_kind text,
    name            text,
    listed_on       date,
    delisted_on     date,
    formerly        text,
    became          text,
    classes         jsonb
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.exchange_id, f.instrument_kind, f.name, f.listed_on, f.delisted_on, f.formerly,
           f.became, f.classes
      from ref.list_instruments(p_symbol) as f;
$function$;

comment on function api.md_instruments(text) is
$$What names stood for (p_symbol null: all), by period; the classes are those at its end.$$;

create or replace function api.md_ingest(
    p_feed       text,
    p_is_second  boolean,
    p_raws       jsonb,
    p_normaliser text,
    p_timeframe  text,
    p_policy     text,
    p_rows       jsonb,
    p_now_at     timestamptz
)
returns table (
    ingest_id     uuid,
    rows_read     bigint,
    rows_stored   bigint,
    rows_known    bigint,
    rows_skipped  bigint,
    rows_rejected bigint,
    gate_result   text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.ingest_id, f.rows_read, f.rows_stored, f.rows_known, f.rows_skipped, f.rows_rejected,
           f.gate_result
      from md.ingest_bars(
           p_feed, p_is_second, p_raws, p_normaliser, p_timeframe, p_policy, p_rows, p_now_at) as f;
$function$;

comment on function api.md_ingest(text, boolean, jsonb, text, text, text, jsonb, timestamptz) is
$$Stores a batch of closed bars.$$;

create or replace function api.md_load_actions(
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
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.action_id, f.symbol, f.action_kind, f.ex_on, f.terms, f.is_new, f.stands
      from md.load_actions(p_source, p_source_sha256, p_rows, p_now_at) as f;
$function$;

comment on function api.md_load_actions(text, text, jsonb, timestamptz) is
$$Stores announced splits and cash dividends, all of a batch or none.
Raises: MQA01; MQA05; MQA40; MQN11.$$;

create or replace function api.md_cancel_action(
    p_action_id uuid,
    p_reason    text,
    p_now_at    timestamptz
)
returns uuid
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select ops.cancel_action(p_action_id, p_reason, p_now_at);
$function$;

comment on function api.md_cancel_action(uuid, text, timestamptz) is
$$Cancels a corporate action that stands and that no run has applied; gives the id of the cancelling row.
Raises: MQA01; MQA12; MQN11; MQS13.$$;

create or replace function api.md_actions(
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
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.action_id, f.symbol, f.action_kind, f.ex_on, f.terms, f.stands, f.announced_at, f.source
      from md.list_actions(p_symbol, p_now_at) as f;
$function$;

comment on function api.md_actions(text, timestamptz) is
$$Corporate actions of a symbol, or of all (null), by ex session, with whether each still stands.$$;

create or replace function api.md_clear_jump(
    p_symbol     text,
    p_session_on date,
    p_reason     text,
    p_now_at     timestamptz
)
returns boolean
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select md.clear_jump(p_symbol, p_session_on, p_reason, p_now_at);
$function$;

comment on function api.md_clear_jump(text, date, text, timestamptz) is
$$A person says that the jump of a symbol before a session is no split.
Raises: MQA01; MQA12; MQN12.$$;

create or replace function api.md_sync(
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
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select w.symbol, w.timeframe, w.from_on, w.until_on
      from md.list_sync_wants(
           p_feed, p_symbols, p_timeframe, p_full_start, p_until_on, p_now_at) as w
     order by w.symbol collate "C";
$function$;

comment on function api.md_sync(text, jsonb, text, date, date, timestamptz) is
$$What a sync asks a feed for: by symbol, from which day to which.$$;

create or replace function api.md_findings(
    p_ingest_id uuid
)
returns table (
    line_no bigint,
    symbol  text,
    finding text,
    detail  text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.line_no, f.symbol, f.finding, f.detail
      from md.findings as f
     where f.ingest_id = p_ingest_id
     order by f.line_no;
$function$;

comment on function api.md_findings(uuid) is
$$The rows of a batch that were not stored.$$;

create or replace function api.md_status(
    p_now_at timestamptz
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
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.timeframe, f.rows_stored, f.rows_rejected, f.gaps, f.first_on, f.last_on
      from md.get_quality(array(select i.symbol from ref.instruments as i), null, p_now_at) as f;
$function$;

comment on function api.md_status(timestamptz) is
$$Bars by symbol with their gaps.$$;

create or replace function api.md_digest()
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select md.compute_bars_digest();
$function$;

comment on function api.md_digest() is
$$SHA-256 over every stored bar.$$;

create or replace function api.md_feed_marks(
    p_feed text
)
returns table (
    symbol          text,
    timeframe       text,
    last_bar_end_at timestamptz,
    heard_at        timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.timeframe, f.last_bar_end_at, f.heard_at from md.list_feed_marks(p_feed) as f;
$function$;

comment on function api.md_feed_marks(text) is
$$How far a feed has come, by symbol and timeframe.$$;

create or replace function api.md_defects(
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
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.defect, f.symbol, f.bar, f.is_brake, f.detail, f.evidence
      from md.list_defects(p_run_id, p_now_at) as f;
$function$;

comment on function api.md_defects(uuid, timestamptz) is
$$What is wrong with the data of a run, and whether it shuts gate INTEGRITY.$$;

create or replace function api.md_conflicts(
    p_symbol text,
    p_now_at timestamptz
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
    is_settled boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.timeframe, f.session_on, f.bar_end_at, f.feed, f.stored, f.other_feed, f.other,
           f.found_at, f.is_settled
      from md.list_conflicts(
           array(select i.symbol from ref.instruments as i
                  where i.symbol = coalesce(p_symbol, i.symbol)),
           null, '-infinity'::timestamptz, p_now_at) as f;
$function$;

comment on function api.md_conflicts(text, timestamptz) is
$$Other values that came for stored bars (p_symbol: of one symbol; null: of all).$$;

create or replace function api.md_lineage(
    p_symbol    text,
    p_timeframe text,
    p_bar       text
)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select md.get_lineage(p_symbol, p_timeframe, p_bar);
$function$;

comment on function api.md_lineage(text, text, text) is
$$Where a stored bar comes from, and who else saw it.$$;

create or replace function api.md_raw(
    p_raw_sha256 text
)
returns table (
    feed         text,
    content_type text,
    body         bytea
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.feed, f.content_type, f.body from md.get_raw(p_raw_sha256) as f;
$function$;

comment on function api.md_raw(text) is
$$What a feed answered, byte for byte.$$;

create or replace function api.md_ingests(
    p_limit integer
)
returns table (
    ingest_id     uuid,
    ingested_at   timestamptz,
    feed          text,
    is_second     boolean,
    timeframe     text,
    rows_read     bigint,
    rows_stored   bigint,
    rows_known    bigint,
    rows_skipped  bigint,
    rows_rejected bigint,
    gate_result   text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.ingest_id, f.ingested_at, f.feed, f.is_second, f.timeframe, f.rows_read, f.rows_stored,
           f.rows_known, f.rows_skipped, f.rows_rejected, f.gate_result
      from md.list_ingests(p_limit) as f;
$function$;

comment on function api.md_ingests(integer) is
$$The last ingests, the newest first.$$;

create or replace function api.md_report(
    p_ingest_id   uuid,
    p_outlier_bps integer
)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select md.build_ingest_report(p_ingest_id, p_outlier_bps);
$function$;

comment on function api.md_report(uuid, integer) is
$$The report of an ingest.$$;

create or replace function api.md_sessions(
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
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.session_on, f.bars, f.slots, f.close_micros
      from md.list_ingest_sessions(p_ingest_id) as f;
$function$;

comment on function api.md_sessions(uuid) is
$$Coverage and last close by session of an ingest's symbols.$$;

create or replace function api.md_quality(
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
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.timeframe, f.bars, f.first_on, f.last_on, f.gaps, f.outliers, f.zero_volumes,
           f.conflicts, f.open_conflicts, f.disagreements, f.rows_rejected, f.feeds
      from md.list_quality(p_symbol, p_outlier_bps, p_now_at) as f;
$function$;

comment on function api.md_quality(text, integer, timestamptz) is
$$What the store holds, and what is wrong with it.$$;

create or replace function api.md_resolve(
    p_defect    text,
    p_symbol    text,
    p_timeframe text,
    p_bar       text,
    p_reason    text,
    p_now_at    timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
      from ops.perform_action(
           'RESOLVE_DEFECT', null,
           jsonb_build_object('defect', p_defect, 'symbol', p_symbol, 'timeframe', p_timeframe,
                              'bar', p_bar, 'reason', p_reason), p_now_at) as f;
$function$;

comment on function api.md_resolve(text, text, text, text, text, timestamptz) is
$$Says that a stored bar stands: settles its CONFLICT, DISAGREEMENT or OUTLIER; the bar does not change.$$;

create or replace function api.orders_list(
    p_run_id uuid
)
returns table (
    client_order_id  text,
    symbol           text,
    order_qty        bigint,
    order_type       text,
    order_status     text,
    cum_qty          bigint,
    avg_price_micros bigint,
    outbox_status    text,
    broker_order_id  text,
    submitted_at     timestamptz,
    reject_reason    text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.client_order_id, f.symbol, f.order_qty, f.order_type, f.order_status, f.cum_qty,
           f.avg_price_micros, f.outbox_status, f.broker_order_id, f.submitted_at,
           f.reject_reason
      from ops.list_orders(p_run_id) as f
     where run.assert_run(p_run_id);
$function$;

comment on function api.orders_list(uuid) is
$$Orders of a run in the order given.
Raises: MQN02.$$;

create or replace function api.explain_all(
    p_name text
)
returns table (
    at       timestamptz,
    step     text,
    detail   text,
    evidence text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.at, f.step, f.detail, f.evidence
      from ops.explain_any(p_name) as f;
$function$;

comment on function api.explain_all(text) is
$$Why an order, a fill or a run came about, and what became of it, step by step, each with its row.
Raises: MQN09.$$;

create or replace function api.orders_fills(
    p_run_id uuid
)
returns table (
    fill_seq        bigint,
    execution_id    text,
    client_order_id text,
    symbol          text,
    fill_qty        bigint,
    price_micros    bigint,
    fee_micros      bigint,
    is_late         boolean,
    filled_at       timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.fill_seq, f.execution_id, f.client_order_id, f.symbol, f.fill_qty, f.price_micros,
           f.fee_micros, f.is_late, f.filled_at
      from ops.list_fills(p_run_id) as f
     where run.assert_run(p_run_id);
$function$;

comment on function api.orders_fills(uuid) is
$$Booked fills of a run.
Raises: MQN02.$$;

create or replace function api.orders_cancel(
    p_client_order_id text,
    p_reason          text,
    p_now_at          timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
      from ops.perform_action(
           'CANCEL', (select o.run_id from oms.orders as o join run.runs as r using (run_id)
                      where o.client_order_id = p_client_order_id),
           jsonb_build_object('client_order_id', p_client_order_id, 'reason', p_reason), p_now_at) as f;
$function$;

comment on function api.orders_cancel(text, text, timestamptz) is
$$Asks for the end of one open order; done is only what the broker then says.$$;

create or replace function api.orders_cancel_all(
    p_run_id uuid,
    p_reason text,
    p_now_at timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
      from ops.perform_action(
           'CANCEL', p_run_id,
           jsonb_build_object('reason', p_reason), p_now_at) as f;
$function$;

comment on function api.orders_cancel_all(uuid, text, timestamptz) is
$$Asks for the end of all open orders of a run, and lets the run go on.$$;

create or replace function api.position_list(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    symbol              text,
    position_qty        bigint,
    cost_micros         bigint,
    mark_micros         bigint,
    market_value_micros bigint,
    unrealized_micros   bigint,
    realized_micros     bigint,
    marked_at           timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.position_qty, f.cost_micros, f.mark_micros, f.market_value_micros,
           f.unrealized_micros, f.realized_micros, f.marked_at
      from ops.report_positions(p_run_id, p_now_at) as f
     where run.assert_run(p_run_id);
$function$;

comment on function api.position_list(uuid, timestamptz) is
$$Positions at the last known marks.
Raises: MQN02.$$;

create or replace function api.position_trades(
    p_run_id uuid
)
returns table (
    symbol             text,
    side               text,
    qty                bigint,
    opened_at          timestamptz,
    closed_at          timestamptz,
    entry_price_micros bigint,
    exit_price_micros  bigint,
    realized_micros    bigint,
    sessions_held      bigint
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.side, f.qty, f.opened_at, f.closed_at, f.entry_price_micros,
           f.exit_price_micros, f.realized_micros, f.sessions_held
      from ops.report_trades(p_run_id) as f
     where run.assert_run(p_run_id);
$function$;

comment on function api.position_trades(uuid) is
$$Closed lots of a run.
Raises: MQN02.$$;

create or replace function api.position_exposure(
    p_run_id uuid,
    p_scheme text,
    p_now_at timestamptz
)
returns table (
    class        text,
    symbols      text,
    long_micros  bigint,
    short_micros bigint,
    net_micros   bigint,
    gross_micros bigint,
    equity_bps   bigint
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.class, f.symbols, f.long_micros, f.short_micros, f.net_micros, f.gross_micros,
           f.equity_bps
      from ops.report_exposure(p_run_id, p_scheme, p_now_at) as f
     where run.assert_run(p_run_id);
$function$;

comment on function api.position_exposure(uuid, text, timestamptz) is
$$What a run holds by sector, or by the classes of another scheme.
Raises: MQN02.$$;

create or replace function api.risk_show(
    p_run_id uuid
)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select ops.report_risk(p_run_id)
     where run.assert_run(p_run_id);
$function$;

comment on function api.risk_show(uuid) is
$$Limits beside the worst seen, and verdicts by rule.
Raises: MQN02.$$;

create or replace function api.risk_decisions(
    p_run_id uuid,
    p_limit  integer
)
returns table (
    decided_at timestamptz,
    symbol     text,
    order_qty  bigint,
    verdict    text,
    rule       text,
    numbers    jsonb
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select d.decided_at, d.symbol, d.order_qty, d.verdict, d.rule, d.numbers
      from risk.decisions as d
     where d.run_id = p_run_id
       and run.assert_run(p_run_id)
     order by d.decided_at desc, d.symbol collate "C"
     limit least(greatest(p_limit, 1), 1000);
$function$;

comment on function api.risk_decisions(uuid, integer) is
$$The last verdicts with the numbers they saw.
Raises: MQN02.$$;

create or replace function api.risk_trips(
    p_run_id uuid,
    p_limit  integer
)
returns table (
    tripped_at  timestamptz,
    trip_kind   text,
    is_critical boolean,
    reason      text,
    evidence    jsonb,
    actor       text,
    flatten     text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select t.tripped_at, t.trip_kind, k.is_critical, t.reason, t.evidence, t.actor,
           case when f.done_at is not null then 'DONE'
                when f.waits_for is not null then 'WAITS: ' || f.waits_for
                when f.run_id is not null then 'ASKED' end
      from run.trips as t
      join run.trip_kinds as k using (trip_kind)
      left join risk.flattens as f using (run_id, halted_seq)
     where t.run_id = p_run_id
       and run.assert_run(p_run_id)
     order by t.trip_seq desc
     limit least(greatest(p_limit, 1), 1000);
$function$;

comment on function api.risk_trips(uuid, integer) is
$$The last kill switches that were pulled, with the numbers they saw and what became of the flatten of
their halt.
Raises: MQN02.$$;

create or replace function api.risk_restrict(
    p_symbols      jsonb,
    p_restriction  text,
    p_reason       text,
    p_effective_at timestamptz,
    p_now_at       timestamptz
)
returns table (
    symbol      text,
    restriction text,
    is_new      boolean
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select r.symbol, r.restriction, r.is_new
      from risk.restrict_symbols(p_symbols, p_restriction, p_reason, p_effective_at, p_now_at) as r;
$function$;

comment on function api.risk_restrict(jsonb, text, text, timestamptz, timestamptz) is
$$Puts symbols on the restricted list (SHORT, TRADE) or takes them off (NONE), at once or later.
Raises: MQA01; MQA05; MQA02; MQA12.$$;

create or replace function api.risk_restrictions(
    p_now_at timestamptz
)
returns table (
    symbol        text,
    restriction   text,
    reason        text,
    actor         text,
    effective_at  timestamptz,
    restricted_at timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select r.symbol, r.restriction, r.reason, r.actor, r.effective_at, r.restricted_at
      from risk.list_restrictions(p_now_at) as r;
$function$;

comment on function api.risk_restrictions(timestamptz) is
$$The restricted list as it stands, and what is planned.$$;

create or replace function api.risk_clear_day_trader(
    p_run_id uuid,
    p_reason text,
    p_now_at timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
      from ops.perform_action(
           'CLEAR_DAY_TRADER', p_run_id, jsonb_build_object('reason', p_reason), p_now_at) as f;
$function$;

comment on function api.risk_clear_day_trader(uuid, text, timestamptz) is
$$Takes the pattern day trader's flag from the account of a run.$$;

create or replace function api.recon_list(
    p_run_id uuid,
    p_limit  integer
)
returns table (
    snapshot_seq     bigint,
    verdict          text,
    order_drifts     bigint,
    position_drifts  bigint,
    cash_drifts      bigint,
    other_drifts     bigint,
    warning_drifts   bigint,
    unsettled_drifts bigint,
    info_drifts      bigint,
    repairs          bigint,
    captured_at      timestamptz,
    compared_at      timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select c.snapshot_seq, c.verdict, c.order_drifts, c.position_drifts, c.cash_drifts,
           c.other_drifts, c.warning_drifts, c.unsettled_drifts, c.info_drifts,
           (select count(*) from recon.repairs as r
             where r.run_id = c.run_id and r.snapshot_seq = c.snapshot_seq),
           s.captured_at, c.compared_at
      from recon.comparisons as c
      join recon.snapshots as s using (run_id, snapshot_seq)
     where c.run_id = p_run_id
       and run.assert_run(p_run_id)
     order by c.snapshot_seq desc
     limit least(greatest(p_limit, 1), 1000);
$function$;

comment on function api.recon_list(uuid, integer) is
$$The last comparisons with the broker, newest first.
Raises: MQN02.$$;

create or replace function api.recon_drifts(
    p_run_id uuid
)
returns table (
    snapshot_seq  bigint,
    drift_kind    text,
    drift_key     text,
    severity      text,
    repair_class  text,
    ours          text,
    theirs        text,
    first_seen_at timestamptz,
    is_young      boolean,
    is_settled    boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select d.snapshot_seq, d.drift_kind, d.drift_key, k.severity, k.repair_class, d.ours, d.theirs,
           d.first_seen_at, d.is_young, d.is_settled
      from recon.drifts as d
      join recon.drift_kinds as k using (drift_kind)
     where d.run_id = p_run_id
       and run.assert_run(p_run_id)
     order by d.snapshot_seq desc, d.drift_kind, d.drift_key collate "C"
     limit 1000;
$function$;

comment on function api.recon_drifts(uuid) is
$$The differences that were found, newest first, with how bad each is and who may mend it.
Raises: MQN02.$$;

create or replace function api.recon_refusals(
    p_run_id uuid,
    p_limit  integer
)
returns table (
    refusal_seq     bigint,
    defect          text,
    document_sha256 text,
    refused_at      timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select r.refusal_seq, r.defect, r.document_sha256, r.refused_at
      from recon.refusals as r
     where r.run_id = p_run_id
       and run.assert_run(p_run_id)
     order by r.refusal_seq desc
     limit least(greatest(p_limit, 1), 1000);
$function$;

comment on function api.recon_refusals(uuid, integer) is
$$The last snapshots that proved nothing, and why, newest first.
Raises: MQN02.$$;

create or replace function api.recon_verify(
    p_run_id uuid
)
returns table (
    comparisons  bigint,
    snapshot_seq bigint,
    problem      text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select v.comparisons, v.snapshot_seq, v.problem
      from recon.verify_run(p_run_id) as v
     where run.assert_run(p_run_id);
$function$;

comment on function api.recon_verify(uuid) is
$$Computes every comparison of a run again from the stored documents; names the first that comes out
otherwise, or null.
Raises: MQN02.$$;

create or replace function api.audit_tail(
    p_chain_id  uuid,
    p_after_seq bigint,
    p_limit     integer
)
returns table (
    chain_id    uuid,
    event_seq   bigint,
    occurred_at timestamptz,
    actor       text,
    topic       text,
    event_name  text,
    payload     jsonb,
    prev_hash   text,
    event_hash  text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select e.chain_id, e.event_seq, e.occurred_at, e.actor, e.topic, e.event_name, e.payload,
           e.prev_hash, e.event_hash
      from audit.events as e
     where e.chain_id = p_chain_id
       and e.event_seq > p_after_seq
       and audit.assert_chain(p_chain_id)
       and run.is_in_scope(
           session_user, (select c.engine_id from audit.chains as c where c.chain_id = p_chain_id))
     order by e.event_seq
     limit least(greatest(p_limit, 1), 10000);
$function$;

comment on function api.audit_tail(uuid, bigint, integer) is
$$Events of a chain (a run's chain has the run's id) after a sequence number.
Raises: MQN01.$$;

create or replace function api.audit_verify()
returns table (
    chain_id      uuid,
    chain_kind    text,
    engine_id     text,
    events        bigint,
    head_hash     text,
    first_bad_seq bigint,
    finding       text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select c.chain_id, c.chain_kind, c.engine_id, c.last_seq, c.last_hash, v.event_seq, v.finding
      from audit.chains as c
      left join lateral (
        select b.event_seq, b.finding from audit.verify_chain(c.chain_id) as b limit 1) as v on true
     where run.is_in_scope(session_user, c.engine_id)
     order by c.chain_kind, c.engine_id, c.chain_id;
$function$;

comment on function api.audit_verify() is
$$Every chain with its first break, or null when it holds.$$;

create or replace function api.audit_anchors(
    p_engine_id text,
    p_after_no  bigint,
    p_limit     integer
)
returns table (
    engine_id   text,
    anchor_no   bigint,
    prev_hash   text,
    chain_id    uuid,
    event_seq   bigint,
    event_hash  text,
    anchored_us bigint,
    reason      text,
    key_id      text,
    anchor_hash text,
    signature   text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select a.engine_id, a.anchor_no, a.prev_hash, a.chain_id, a.event_seq, a.event_hash,
           (extract(epoch from a.anchored_at) * 1000000)::bigint, a.reason, a.key_id, a.anchor_hash,
           a.signature
      from audit.anchors as a
     where a.engine_id = p_engine_id
       and a.anchor_no > p_after_no
       and run.is_in_scope(session_user, a.engine_id)
     order by a.anchor_no
     limit least(greatest(p_limit, 1), 10000);
$function$;

comment on function api.audit_anchors(text, bigint, integer) is
$$The anchors of an engine after a number, as the anchor file has them (anchored_us: microseconds since 1970
UTC).$$;

create or replace function api.audit_compare(
    p_engine_id text,
    p_anchors   jsonb,
    p_is_end    boolean
)
returns table (
    anchor_no bigint,
    chain_id  uuid,
    event_seq bigint,
    finding   text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.anchor_no, f.chain_id, f.event_seq, f.finding
      from audit.compare_anchors(p_engine_id, p_anchors, p_is_end) as f
     where run.is_in_scope(session_user, p_engine_id);
$function$;

comment on function api.audit_compare(text, jsonb, boolean) is
$$What the diary says against published anchors (lines of an anchor file, in their order; p_is_end: the last
ones); no row = nothing.$$;

create or replace function api.audit_chains(
    p_engine_id text,
    p_run_id    uuid
)
returns table (
    chain_id      text,
    chain_kind    text,
    engine_id     text,
    run_id        text,
    root_chain_id text,
    root_seq      bigint,
    root_hash     text,
    last_seq      bigint,
    last_hash     text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select c.chain_id::text, c.chain_kind, c.engine_id, c.run_id::text, c.root_chain_id::text,
           c.root_seq, c.root_hash, c.last_seq, c.last_hash
      from audit.chains as c
     where case when p_run_id is null then c.engine_id in (p_engine_id, 'DESK')
                else c.run_id = p_run_id
                     or c.chain_id = (select r.root_chain_id from audit.chains as r
                                       where r.run_id = p_run_id) end
       and run.is_in_scope(session_user, c.engine_id)
     order by c.chain_kind, c.chain_id;
$function$;

comment on function api.audit_chains(text, uuid) is
$$The chains of an engine and of the house, or (p_run_id) of one run and the chain that it is rooted in.$$;

create or replace function api.audit_events(
    p_chain_id  uuid,
    p_after_seq bigint,
    p_limit     integer
)
returns table (
    chain_id    text,
    event_seq   bigint,
    prev_hash   text,
    occurred_us bigint,
    reported_us bigint,
    actor       text,
    topic       text,
    event_name  text,
    payload     text,
    event_hash  text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select e.chain_id, e.event_seq, e.prev_hash, e.occurred_us, e.reported_us, e.actor, e.topic,
           e.event_name, e.payload, e.event_hash
      from audit.list_canonical(p_chain_id, p_after_seq, least(greatest(p_limit, 1), 10000)) as e
     where audit.assert_chain(p_chain_id)
       and run.is_in_scope(
           session_user, (select c.engine_id from audit.chains as c where c.chain_id = p_chain_id));
$function$;

comment on function api.audit_events(uuid, bigint, integer) is
$$Events of a chain in the canonical form that their hashes are taken of: what mqk audit export writes.
Raises: MQN01.$$;

create or replace function api.audit_anchor(
    p_engine_id text,
    p_now_at    timestamptz
)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select audit.append_event(c.chain_id, 'AUDIT', 'ANCHOR_ASKED', '{}', p_now_at)
      from audit.chains as c
     where c.engine_id = p_engine_id
       and c.chain_kind = 'ENGINE'
       and run.is_in_scope(session_user, p_engine_id);
$function$;

comment on function api.audit_anchor(text, timestamptz) is
$$Asks for an anchor of the engine's chain now; gives the number of the event that asks, null when there is
no such engine. The anchor worker signs it with its next tick.$$;

create or replace function api.audit_actions(
    p_limit integer
)
returns table (
    acted_at   timestamptz,
    action     text,
    run_id     uuid,
    actor      text,
    outcome    text,
    error_code text,
    detail     text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select a.acted_at, a.action, a.run_id, a.actor, a.outcome, a.error_code, a.detail
      from ops.operator_actions as a
     where run.is_in_scope(session_user, a.engine_id)
     order by a.action_id desc
     limit least(greatest(p_limit, 1), 1000);
$function$;

comment on function api.audit_actions(integer) is
$$What people asked of this desk, refused things too, newest first.$$;

create or replace function api.notices_list(
    p_engine_id text,
    p_limit     integer
)
returns table (
    happened_at  timestamptz,
    severity     text,
    channel      text,
    event_name   text,
    run_id       uuid,
    notice_text  text,
    attempts     integer,
    delivered_at timestamptz,
    given_up_at  timestamptz,
    said         text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select n.happened_at, n.severity, n.channel, n.event_name, r.run_id, n.notice_text, n.attempts,
           n.delivered_at, n.given_up_at, d.detail
      from pager.notices as n
      left join run.runs as r on r.run_id = n.chain_id
      left join pager.deliveries as d on d.engine_id = n.engine_id and d.channel = n.channel
                                     and d.delivery_no = n.delivery_no
     where n.engine_id = p_engine_id
       and run.is_in_scope(session_user, n.engine_id)
     order by n.happened_at desc, n.urgency, n.event_seq desc, n.channel
     limit least(greatest(p_limit, 1), 1000);
$function$;

comment on function api.notices_list(text, integer) is
$$What people were told about an engine, or wait to be told, newest first; said: what the other side of the
last attempt answered. Neither delivered_at nor given_up_at: it waits.$$;

create or replace function api.notices_rules()
returns table (
    severity   text,
    channel    text,
    event_name text,
    matching   jsonb,
    quiet_ms   bigint
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select r.severity, r.channel, r.event_name, r.matching, r.quiet_ms
      from pager.rules as r
     order by array_position(array['CRITICAL', 'WARN', 'INFO'], r.severity), r.channel, r.event_name;
$function$;

comment on function api.notices_rules() is
$$Which events of the diary people are told, on which channel and how urgently.$$;

create or replace function api.report_show(
    p_run_id uuid,
    p_now_at timestamptz
)
returns jsonb
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select ops.build_report(p_run_id, p_now_at);
$function$;

comment on function api.report_show(uuid, timestamptz) is
$$The whole report of a run.$$;

create or replace function api.verify_all()
returns table (
    ids        text,
    invariant  text,
    promise    text,
    violations bigint,
    is_ok      boolean,
    first_one  text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.ids, f.invariant, f.promise, f.violations, f.is_ok, f.first_one
      from inv.verify_all() as f
     order by f.ids collate "C", f.invariant collate "C";
$function$;

comment on function api.verify_all() is
$$Every promise, by its ids, with the number of rows that break it.$$;

create or replace function api.replay_all(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    table_name      text,
    stored_rows     bigint,
    replayed_rows   bigint,
    stored_digest   text,
    replayed_digest text,
    is_equal        boolean,
    difference      text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select c.table_name, c.stored_rows, c.replayed_rows, c.stored_digest, c.replayed_digest,
           c.is_equal, c.difference
      from replay.compare_run(p_run_id, p_until_at) as c
     where run.assert_run(p_run_id);
$function$;

comment on function api.replay_all(uuid, timestamptz) is
$$Each table of a run's state as it is stored and as its diary makes it, with the first difference. With
p_until_at: as it was then.
Raises: MQN02.$$;

create or replace function api.replay_rows(
    p_run_id     uuid,
    p_table_name text,
    p_until_at   timestamptz
)
returns table (
    row_key  text,
    row_data jsonb
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.row_key, f.row_data
      from replay.list_folded(p_run_id, p_table_name, p_until_at) as f
     where run.assert_run(p_run_id);
$function$;

comment on function api.replay_rows(uuid, text, timestamptz) is
$$The rows of one table of a run's state as its diary up to p_until_at (null: all of it) makes them.
Raises: MQN02; MQA02 not a table of state.$$;

create or replace function api.replay_log(
    p_run_id uuid
)
returns table (
    line text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select l.line
      from replay.list_log(p_run_id) as l
     where run.assert_run(p_run_id);
$function$;

comment on function api.replay_log(uuid) is
$$The log of a run as JSON lines: its diary, the points of its equity, and the digests of its stored state.
Raises: MQN02.$$;

create or replace function api.run_scope(
    p_login      text,
    p_engine_ids jsonb,
    p_now_at     timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
      from ops.perform_action(
           'SCOPE', null,
           jsonb_build_object('login', p_login, 'engine_ids', p_engine_ids), p_now_at) as f;
$function$;

comment on function api.run_scope(text, jsonb, timestamptz) is
$$From now on a login knows of these engines and no other; an empty array: of all.$$;

create or replace function api.token_issue(
    p_token_id    text,
    p_verifier    text,
    p_environment text,
    p_scopes      jsonb,
    p_expires_at  timestamptz,
    p_now_at      timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
      from ops.perform_action(
           'TOKEN_ISSUE', null, jsonb_build_object(
               'token_id', p_token_id, 'verifier', p_verifier, 'environment', p_environment,
               'scopes', p_scopes, 'expires_at', core.format_iso(p_expires_at)), p_now_at) as f;
$function$;

comment on function api.token_issue(text, text, text, jsonb, timestamptz, timestamptz) is
$$Issues a token to the person logged in; the database never sees the secret, nor what stands for it.$$;

create or replace function api.token_rotate(
    p_replaces   text,
    p_token_id   text,
    p_verifier   text,
    p_expires_at timestamptz,
    p_now_at     timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
      from ops.perform_action(
           'TOKEN_ROTATE', null, jsonb_build_object(
               'replaces', p_replaces, 'token_id', p_token_id, 'verifier', p_verifier,
               'expires_at', core.format_iso(p_expires_at)), p_now_at) as f;
$function$;

comment on function api.token_rotate(text, text, text, timestamptz, timestamptz) is
$$Issues a token in place of an own one, which stays valid for a day at most.$$;

create or replace function api.token_revoke(
    p_token_id text,
    p_reason   text,
    p_now_at   timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
      from ops.perform_action(
           'TOKEN_REVOKE', null,
           jsonb_build_object('token_id', p_token_id, 'reason', p_reason), p_now_at) as f;
$function$;

comment on function api.token_revoke(text, text, timestamptz) is
$$Ends a token now, whosever it is.$$;

create or replace function api.token_list(
    p_now_at timestamptz
)
returns table (
    token_id     text,
    environment  text,
    actor        text,
    scopes       text,
    is_valid     boolean,
    issued_at    timestamptz,
    ends_at      timestamptz,
    last_used_at timestamptz,
    refused      bigint
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select t.token_id, t.environment, t.actor, array_to_string(t.scopes, ' '), t.is_valid,
           t.issued_at, t.ends_at, t.last_used_at, t.refused
      from ops.list_tokens(p_now_at) as t;
$function$;

comment on function api.token_list(timestamptz) is
$$Every token with its terms and its use; never its secret.$$;

create or replace function api.as_token(
    p_token_id  text,
    p_digest    text,
    p_command   text,
    p_arguments jsonb,
    p_now_at    timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
      from ops.act_as_token(p_token_id, p_digest, p_command, p_arguments, p_now_at) as f;
$function$;

comment on function api.as_token(text, text, text, jsonb, timestamptz) is
$$Does an operator action in the name of the person whose token it is: the only power of mqk_console.
p_digest is the SHA-256 hex of the token; p_command a command of ops.list_token_commands.
Raises: MQA01; MQA02; MQA03; MQG62; 22P02.$$;

create or replace function api.doctor_all(
    p_now_at timestamptz
)
returns table (
    check_name text,
    is_must    boolean,
    is_ok      boolean,
    finding    text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.check_name, f.is_must, f.is_ok, f.finding, f.fix from ops.check_server(p_now_at) as f;
$function$;

comment on function api.doctor_all(timestamptz) is
$$Every check that the database can make of itself and of its server, each with its fix.$$;

create or replace function api.doctor_fingerprints()
returns table (
    kind        text,
    name        text,
    source_hash text,
    fingerprint text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.kind, f.name, f.source_hash, f.fingerprint from core.list_fingerprints() as f;
$function$;

comment on function api.doctor_fingerprints() is
$$Every object of the house with its digests.$$;

create or replace function api.db_assert_no_live()
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select ops.assert_no_live_run();
$function$;

comment on function api.db_assert_no_live() is
$$Refuses while a LIVE run is armed or running.$$;

create or replace function api.db_errors()
returns table (
    error_code text,
    law        text,
    fix        text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select c.error_code, c.law, c.fix
      from core.error_codes as c
     order by c.error_code;
$function$;

comment on function api.db_errors() is
$$Every error of this desk: its law and its fix.$$;

create or replace function api.config_check(
    p_config jsonb
)
returns table (
    path     text,
    rule     text,
    problem  text,
    is_fatal boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select c.path, c.rule, c.problem, c.is_fatal
      from ops.check_config(p_config) as c
     order by c.is_fatal desc, c.path, c.rule;
$function$;

comment on function api.config_check(jsonb) is
$$Every fault of a config, fatal ones first; stores nothing.$$;

create or replace function api.config_consumed()
returns table (
    path     text,
    kind     text,
    consumer text,
    brokers  text,
    modes    text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select r.path, r.kind, coalesce(c.consumer, 'NOBODY'),
           coalesce(array_to_string(c.brokers, ', '), 'all'),
           coalesce(array_to_string(c.modes, ', '), 'all')
      from ops.list_config_rules() as r
      left join ops.list_config_consumers() as c on c.path = r.path
     order by r.path, c.consumer;
$function$;

comment on function api.config_consumed() is
$$Every key of the config with what reads it, at which brokers and in which modes.$$;

create or replace function api.backtest_freeze(
    p_timeframe text,
    p_symbols   jsonb,
    p_from_on   date,
    p_to_on     date,
    p_now_at    timestamptz
)
returns table (
    dataset_id  uuid,
    timeframe   text,
    symbols     text,
    from_on     date,
    to_on       date,
    ticks       integer,
    bars        bigint,
    data_sha256 text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.dataset_id, f.timeframe, array_to_string(f.symbols, ','), f.from_on, f.to_on, f.ticks, f.bars,
           f.data_sha256
      from lab.freeze_dataset(p_timeframe, p_symbols, p_from_on, p_to_on, p_now_at) as f;
$function$;

comment on function api.backtest_freeze(text, jsonb, date, date, timestamptz) is
$$Freezes stored bars as the dataset of backtests.$$;

create or replace function api.backtest_open(
    p_dataset_id  uuid,
    p_config      text,
    p_code_sha256 text,
    p_now_at      timestamptz
)
returns table (
    backtest_id     uuid,
    dataset_id      uuid,
    config_hash     text,
    strategy_id     text,
    backtest_status text,
    halt_reason     text,
    halted_at       timestamptz,
    ticks           integer,
    orders          integer,
    fills           integer,
    cash_micros     bigint,
    equity_micros   bigint,
    digest          text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.backtest_id, f.dataset_id, f.config_hash, f.strategy_id, f.backtest_status, f.halt_reason,
           f.halted_at, f.ticks, f.orders, f.fills, f.cash_micros, f.equity_micros, f.digest
      from ops.open_backtest(p_dataset_id, p_config, p_code_sha256, p_now_at) as f;
$function$;

comment on function api.backtest_open(uuid, text, text, timestamptz) is
$$Opens the backtest of a config, in canonical json, on a dataset; code_sha256: of a strategy outside
the database.$$;

create or replace function api.backtest_put_signals(
    p_backtest_id uuid,
    p_signals     jsonb,
    p_now_at      timestamptz
)
returns table (
    signals        integer,
    signals_sha256 text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.signals, f.signals_sha256
      from lab.post_signals(p_backtest_id, p_signals, p_now_at) as f;
$function$;

comment on function api.backtest_put_signals(uuid, jsonb, timestamptz) is
$$Takes the signals of a strategy outside the database: [[tick, symbol, kind, amount], ...].$$;

create or replace function api.backtest_finish(
    p_backtest_id uuid,
    p_now_at      timestamptz
)
returns table (
    backtest_id     uuid,
    dataset_id      uuid,
    config_hash     text,
    strategy_id     text,
    backtest_status text,
    halt_reason     text,
    halted_at       timestamptz,
    ticks           integer,
    orders          integer,
    fills           integer,
    cash_micros     bigint,
    equity_micros   bigint,
    digest          text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.backtest_id, f.dataset_id, f.config_hash, f.strategy_id, f.backtest_status, f.halt_reason,
           f.halted_at, f.ticks, f.orders, f.fills, f.cash_micros, f.equity_micros, f.digest
      from ops.finish_backtest(p_backtest_id, p_now_at) as f;
$function$;

comment on function api.backtest_finish(uuid, timestamptz) is
$$Runs an opened backtest and gives its result.$$;

create or replace function api.backtest_bars(
    p_backtest_id uuid,
    p_cut_tick    integer,
    p_poison      text
)
returns table (
    symbol     text,
    from_tick  integer,
    first_tick integer,
    opens      bigint[],
    highs      bigint[],
    lows       bigint[],
    closes     bigint[],
    volumes    bigint[]
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.from_tick, f.first_tick, f.opens, f.highs, f.lows, f.closes, f.volumes
      from lab.list_bars(p_backtest_id, p_cut_tick, p_poison) as f;
$function$;

comment on function api.backtest_bars(uuid, integer, text) is
$$The bars of a backtest, a row a symbol, and from each split on another, in the shares of then; with
poison, another future after cut_tick.$$;

create or replace function api.backtest_ticks(
    p_backtest_id uuid
)
returns table (
    tick_no     integer,
    session_on  date,
    bar_end_at  timestamptz,
    is_complete boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.tick_no, f.session_on, f.bar_end_at, f.is_complete
      from lab.list_ticks(p_backtest_id) as f
     order by f.tick_no;
$function$;

comment on function api.backtest_ticks(uuid) is
$$The ticks of a backtest.$$;

create or replace function api.backtest_try(
    p_backtest_id uuid,
    p_cut_tick    integer,
    p_poison      text,
    p_signals     jsonb,
    p_now_at      timestamptz
)
returns table (
    equity_micros bigint[],
    fill_ticks    integer[],
    fill_symbols  integer[],
    fill_qtys     bigint[]
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.equity_micros, f.fill_ticks, f.fill_symbols, f.fill_qtys
      from lab.try_backtest(p_backtest_id, p_cut_tick, p_poison, p_signals, p_now_at) as f;
$function$;

comment on function api.backtest_try(uuid, integer, text, jsonb, timestamptz) is
$$What a backtest would give with these signals: equity a tick, fills. Nothing is kept.$$;

create or replace function api.backtest_cuts(
    p_backtest_id uuid,
    p_cuts        integer,
    p_seed        integer
)
returns table (
    cut_tick integer
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.cut_tick
      from lab.list_cuts(p_backtest_id, p_cuts, p_seed) as f (cut_tick);
$function$;

comment on function api.backtest_cuts(uuid, integer, integer) is
$$The ticks after which the future is changed to prove that nobody looked.$$;

create or replace function api.backtest_poison(
    p_backtest_id uuid,
    p_cut_tick    integer,
    p_poison      text,
    p_signals     jsonb,
    p_now_at      timestamptz
)
returns table (
    cut_tick   integer,
    poison     text,
    difference text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.cut_tick, f.poison, f.difference
      from lab.record_trial(p_backtest_id, p_cut_tick, p_poison, p_signals, p_now_at) as f;
$function$;

comment on function api.backtest_poison(uuid, integer, text, jsonb, timestamptz) is
$$Runs a backtest again with another future after cut_tick; keeps and gives what was different before.$$;

create or replace function api.backtest_prove_lookahead(
    p_backtest_id uuid,
    p_cuts        integer,
    p_seed        integer,
    p_now_at      timestamptz
)
returns table (
    backtest_id uuid,
    strategy_id text,
    code_sha256 text,
    config_hash text,
    data_sha256 text,
    cuts        integer,
    seed        integer,
    trials      integer,
    verdict     text,
    violation   text,
    proven_by   text,
    proven_at   timestamptz
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.backtest_id, f.strategy_id, f.code_sha256, f.config_hash, f.data_sha256, f.cuts, f.seed,
           f.trials, f.verdict, f.violation, f.proven_by, f.proven_at
      from lab.prove_lookahead(p_backtest_id, p_cuts, p_seed, p_now_at) as f;
$function$;

comment on function api.backtest_prove_lookahead(uuid, integer, integer, timestamptz) is
$$Judges whether the strategy of a backtest looked ahead, and keeps the verdict.$$;

create or replace function api.backtest_proofs()
returns table (
    backtest_id uuid,
    strategy_id text,
    code_sha256 text,
    config_hash text,
    data_sha256 text,
    cuts        integer,
    seed        integer,
    trials      integer,
    verdict     text,
    violation   text,
    proven_by   text,
    proven_at   timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.backtest_id, f.strategy_id, f.code_sha256, f.config_hash, f.data_sha256, f.cuts, f.seed,
           f.trials, f.verdict, f.violation, f.proven_by, f.proven_at
      from lab.proofs as f
     order by f.proven_at desc, f.backtest_id, f.cuts, f.seed;
$function$;

comment on function api.backtest_proofs() is
$$Whether strategies looked ahead: every verdict, newest first.$$;

create or replace function api.backtest_run(
    p_dataset_id uuid,
    p_config     text,
    p_now_at     timestamptz
)
returns table (
    backtest_id     uuid,
    dataset_id      uuid,
    config_hash     text,
    strategy_id     text,
    backtest_status text,
    halt_reason     text,
    halted_at       timestamptz,
    ticks           integer,
    orders          integer,
    fills           integer,
    cash_micros     bigint,
    equity_micros   bigint,
    digest          text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.backtest_id, f.dataset_id, f.config_hash, f.strategy_id, f.backtest_status, f.halt_reason,
           f.halted_at, f.ticks, f.orders, f.fills, f.cash_micros, f.equity_micros, f.digest
      from ops.run_backtest(p_dataset_id, p_config, p_now_at) as f;
$function$;

comment on function api.backtest_run(uuid, text, timestamptz) is
$$Runs the strategy of a config, in canonical json, on a dataset and gives the result.$$;

create or replace function api.backtest_sweep(
    p_dataset_id uuid,
    p_config     text,
    p_grid       jsonb,
    p_now_at     timestamptz
)
returns table (
    sweep_id uuid,
    jobs     integer
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.sweep_id, f.jobs
      from lab.open_sweep(p_dataset_id, p_config, p_grid, p_now_at) as f;
$function$;

comment on function api.backtest_sweep(uuid, text, jsonb, timestamptz) is
$$Opens a sweep of a config over a grid {parameter: [values]}.$$;

create or replace function api.backtest_claim_job(
    p_sweep_id      uuid,
    p_worker_name   text,
    p_lease_seconds integer,
    p_now_at        timestamptz
)
returns table (
    sweep_id   uuid,
    job_no     integer,
    claim_no   integer,
    dataset_id uuid,
    config     text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.sweep_id, f.job_no, f.claim_no, s.dataset_id, c.canonical_json
      from lab.claim_sweep_job(p_sweep_id, p_worker_name, p_lease_seconds, p_now_at) as f
      join lab.sweeps as s using (sweep_id)
      join run.configs as c on c.config_hash = f.config_hash;
$function$;

comment on function api.backtest_claim_job(uuid, text, integer, timestamptz) is
$$Gives a worker one job of a sweep, or of any, with its config.$$;

create or replace function api.backtest_finish_job(
    p_sweep_id    uuid,
    p_job_no      integer,
    p_claim_no    integer,
    p_backtest_id uuid,
    p_now_at      timestamptz
)
returns table (
    sweep_id    uuid,
    job_no      integer,
    job_status  text,
    backtest_id uuid,
    failure     text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.sweep_id, f.job_no, f.job_status, f.backtest_id, f.failure
      from ops.finish_sweep_job(p_sweep_id, p_job_no, p_claim_no, p_backtest_id, p_now_at) as f;
$function$;

comment on function api.backtest_finish_job(uuid, integer, integer, uuid, timestamptz) is
$$Runs the backtest of a claimed job and ends the job.$$;

create or replace function api.backtest_fail_job(
    p_sweep_id uuid,
    p_job_no   integer,
    p_claim_no integer,
    p_failure  text,
    p_now_at   timestamptz
)
returns table (
    sweep_id    uuid,
    job_no      integer,
    job_status  text,
    backtest_id uuid,
    failure     text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.sweep_id, f.job_no, f.job_status, f.backtest_id, f.failure
      from ops.fail_sweep_job(p_sweep_id, p_job_no, p_claim_no, p_failure, p_now_at) as f;
$function$;

comment on function api.backtest_fail_job(uuid, integer, integer, text, timestamptz) is
$$Ends a claimed job whose backtest was refused.$$;

create or replace function api.backtest_sweeps()
returns table (
    sweep_id   uuid,
    dataset_id uuid,
    grid       jsonb,
    jobs       integer,
    done       bigint,
    failed     bigint,
    claimed    bigint,
    pending    bigint,
    created_at timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.sweep_id, f.dataset_id, f.grid, f.jobs, f.done, f.failed, f.claimed, f.pending,
           f.created_at
      from lab.list_sweeps() as f
     order by f.created_at desc, f.sweep_id;
$function$;

comment on function api.backtest_sweeps() is
$$How far each sweep has come, newest first.$$;

create or replace function api.backtest_rank(
    p_sweep_id uuid
)
returns table (
    place         bigint,
    job_no        integer,
    parameters    jsonb,
    job_status    text,
    ended_as      text,
    return_bps    bigint,
    drawdown_bps  bigint,
    fills         integer,
    equity_micros bigint,
    backtest_id   uuid,
    failure       text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.place, f.job_no, f.parameters, f.job_status, f.ended_as, f.return_bps, f.drawdown_bps,
           f.fills, f.equity_micros, f.backtest_id, f.failure
      from lab.rank_sweep(p_sweep_id) as f
     order by f.place;
$function$;

comment on function api.backtest_rank(uuid) is
$$The jobs of a sweep by what they earned.$$;

create or replace function api.backtest_list()
returns table (
    backtest_id     uuid,
    dataset_id      uuid,
    config_hash     text,
    strategy_id     text,
    backtest_status text,
    halt_reason     text,
    halted_at       timestamptz,
    ticks           integer,
    orders          integer,
    fills           integer,
    cash_micros     bigint,
    equity_micros   bigint,
    digest          text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.backtest_id, f.dataset_id, f.config_hash, f.strategy_id, f.backtest_status, f.halt_reason,
           f.halted_at, f.ticks, f.orders, f.fills, f.cash_micros, f.equity_micros, f.digest
      from lab.backtests as f
     order by f.created_at desc, f.backtest_id;
$function$;

comment on function api.backtest_list() is
$$All backtests, newest first.$$;

create or replace function api.backtest_parity(
    p_backtest_id uuid,
    p_run_id      uuid
)
returns table (
    kind        text,
    place       bigint,
    of_backtest text,
    of_run      text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.kind, f.place, f.of_backtest, f.of_run
      from lab.list_differences(p_backtest_id, p_run_id) as f;
$function$;

comment on function api.backtest_parity(uuid, uuid) is
$$Where a run did something else than a backtest; no row: nowhere.$$;

create or replace function api.backtest_show(
    p_backtest_id uuid,
    p_run_id      uuid
)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select ops.build_tearsheet(p_backtest_id, p_run_id);
$function$;

comment on function api.backtest_show(uuid, uuid) is
$$The whole report of a backtest, with a run beside it if one is named.$$;

create or replace function api.backtest_compare(
    p_first_id  uuid,
    p_second_id uuid
)
returns table (
    part      text,
    name      text,
    of_first  text,
    of_second text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.part, f.name, f.of_first, f.of_second
      from lab.compare_backtests(p_first_id, p_second_id) as f;
$function$;

comment on function api.backtest_compare(uuid, uuid) is
$$Two backtests side by side: figures, config, and the first acts that differ.$$;

create or replace function api.backtest_stress(
    p_backtest_id uuid,
    p_now_at      timestamptz
)
returns table (
    study_id    uuid,
    study_kind  text,
    backtest_id uuid,
    config_hash text,
    data_sha256 text,
    terms       jsonb
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.study_id, f.study_kind, f.backtest_id, f.config_hash, f.data_sha256, f.terms
      from lab.begin_study(p_backtest_id, 'STRESS', '{}', p_now_at) as f;
$function$;

comment on function api.backtest_stress(uuid, timestamptz) is
$$Begins the stress battery of a backtest.$$;

create or replace function api.backtest_walk_forward(
    p_backtest_id uuid,
    p_folds       integer,
    p_score       text,
    p_choices     jsonb,
    p_now_at      timestamptz
)
returns table (
    study_id    uuid,
    study_kind  text,
    backtest_id uuid,
    config_hash text,
    data_sha256 text,
    terms       jsonb
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.study_id, f.study_kind, f.backtest_id, f.config_hash, f.data_sha256, f.terms
      from lab.begin_study(p_backtest_id, 'WALK_FORWARD', jsonb_build_object(
           'folds', p_folds, 'score', p_score, 'choices', p_choices), p_now_at) as f;
$function$;

comment on function api.backtest_walk_forward(uuid, integer, text, jsonb, timestamptz) is
$$Begins the walk-forward of a backtest: choices, an array of parameters, or null for its own.$$;

create or replace function api.backtest_cross_validate(
    p_backtest_id uuid,
    p_folds       integer,
    p_embargo     integer,
    p_score       text,
    p_choices     jsonb,
    p_now_at      timestamptz
)
returns table (
    study_id    uuid,
    study_kind  text,
    backtest_id uuid,
    config_hash text,
    data_sha256 text,
    terms       jsonb
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.study_id, f.study_kind, f.backtest_id, f.config_hash, f.data_sha256, f.terms
      from lab.begin_study(p_backtest_id, 'CROSS_VALIDATION', jsonb_build_object(
           'folds', p_folds, 'embargo', p_embargo, 'score', p_score, 'choices', p_choices), p_now_at) as f;
$function$;

comment on function api.backtest_cross_validate(uuid, integer, integer, text, jsonb, timestamptz) is
$$Begins the purged cross-validation of a backtest; embargo: ticks left out after a test.$$;

create or replace function api.backtest_monte_carlo(
    p_backtest_id uuid,
    p_samples     integer,
    p_method      text,
    p_seed        bigint,
    p_now_at      timestamptz
)
returns table (
    study_id    uuid,
    study_kind  text,
    backtest_id uuid,
    config_hash text,
    data_sha256 text,
    terms       jsonb
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.study_id, f.study_kind, f.backtest_id, f.config_hash, f.data_sha256, f.terms
      from lab.begin_study(p_backtest_id, 'MONTE_CARLO', jsonb_build_object(
           'samples', p_samples, 'method', p_method, 'seed', p_seed), p_now_at) as f;
$function$;

comment on function api.backtest_monte_carlo(uuid, integer, text, bigint, timestamptz) is
$$Begins the Monte Carlo of a backtest's trades: BOOTSTRAP or PERMUTATION.$$;

create or replace function api.backtest_ask(
    p_study_id uuid,
    p_now_at   timestamptz
)
returns table (
    backtest_id uuid,
    config      text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.backtest_id, f.config
      from lab.ask_step(p_study_id, p_now_at) as f;
$function$;

comment on function api.backtest_ask(uuid, timestamptz) is
$$The next step of a study if it waits for signals of a strategy outside the database; else no row.$$;

create or replace function api.backtest_answer(
    p_study_id    uuid,
    p_code_sha256 text,
    p_signals     jsonb,
    p_now_at      timestamptz
)
returns table (
    backtest_id uuid,
    signals     integer
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.backtest_id, f.signals
      from lab.answer_step(p_study_id, p_code_sha256, p_signals, p_now_at) as f;
$function$;

comment on function api.backtest_answer(uuid, text, jsonb, timestamptz) is
$$Gives the signals that the next step of a study waits for.$$;

create or replace function api.backtest_step(
    p_study_id uuid,
    p_now_at   timestamptz
)
returns table (
    step_no         integer,
    steps           bigint,
    fold_no         integer,
    step_part       text,
    scenario        text,
    choice_no       integer,
    backtest_id     uuid,
    backtest_status text,
    equity_micros   bigint
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.step_no, f.steps, f.fold_no, f.step_part, f.scenario, f.choice_no, f.backtest_id,
           f.backtest_status, f.equity_micros
      from lab.run_step(p_study_id, p_now_at) as f;
$function$;

comment on function api.backtest_step(uuid, timestamptz) is
$$Runs the next step of a study; no row: it is done.$$;

create or replace function api.backtest_studies(
    p_backtest_id uuid
)
returns table (
    study_id   uuid,
    study_kind text,
    terms      jsonb,
    is_passed  boolean,
    measures   jsonb,
    steps      jsonb
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.study_id, f.study_kind, f.terms, f.is_passed, f.measures, f.steps
      from lab.list_studies(p_backtest_id) as f;
$function$;

comment on function api.backtest_studies(uuid) is
$$The studies of a backtest, with their steps and outcomes.$$;

create or replace function api.promote_parity(
    p_backtest_id uuid,
    p_run_id      uuid,
    p_now_at      timestamptz
)
returns table (
    backtest_id uuid,
    run_id      uuid,
    digest      text,
    last_seq    bigint,
    differences integer
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.backtest_id, f.run_id, f.digest, f.last_seq, f.differences
      from lab.judge_parity(p_backtest_id, p_run_id, p_now_at) as f;
$function$;

comment on function api.promote_parity(uuid, uuid, timestamptz) is
$$Keeps how many acts of a run differ from a backtest's.$$;

create or replace function api.promote_plan(
    p_backtest_id uuid
)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select lab.describe_rehearsal(p_backtest_id);
$function$;

comment on function api.promote_plan(uuid) is
$$All that a rehearsal of a backtest needs beside its bars; null: it has not been run.$$;

create or replace function api.promote_acts(
    p_run_id uuid
)
returns table (
    kind  text,
    place bigint,
    act   text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.kind, f.place, f.act
      from lab.list_run_acts(p_run_id) as f
     where run.assert_run(p_run_id)
     order by f.kind collate "C", f.place;
$function$;

comment on function api.promote_acts(uuid) is
$$What a run did and how it ended, one line an act.
Raises: MQN02.$$;

create or replace function api.promote_rehearse(
    p_backtest_id uuid,
    p_build       text,
    p_twin        jsonb,
    p_run_id      uuid,
    p_acts        jsonb,
    p_now_at      timestamptz
)
returns table (
    backtest_id      uuid,
    build            text,
    digest           text,
    acts             bigint,
    acts_sha256      text,
    verdict          text,
    differences      bigint,
    first_difference text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.backtest_id, f.build, f.digest, f.acts, f.acts_sha256, f.verdict, f.differences,
           f.first_difference
      from lab.judge_rehearsal(p_backtest_id, p_build, p_twin, p_run_id, p_acts, p_now_at) as f;
$function$;

comment on function api.promote_rehearse(uuid, text, jsonb, uuid, jsonb, timestamptz) is
$$Compares a rehearsal with its backtest, act by act, and keeps the verdict.$$;

create or replace function api.promote_judge(
    p_backtest_id uuid,
    p_profile     text,
    p_build       text,
    p_now_at      timestamptz
)
returns table (
    promotion_id uuid,
    backtest_id  uuid,
    profile      text,
    is_promoted  boolean,
    reasons      text[],
    score        numeric,
    measures     jsonb,
    artifact     jsonb
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.promotion_id, f.backtest_id, f.profile, f.is_promoted, f.reasons, f.score, f.measures,
           jsonb_build_object(
               'config_hash', f.config_hash, 'data_sha256', f.data_sha256, 'digest', f.digest,
               'build', f.build, 'strategy_id', f.strategy_id, 'strategy_version', f.strategy_version,
               'audit_seq', f.audit_seq, 'audit_hash', f.audit_hash)
      from lab.judge_promotion(p_backtest_id, p_profile, p_build, p_now_at) as f;
$function$;

comment on function api.promote_judge(uuid, text, text, timestamptz) is
$$Judges a backtest by a profile (MAIN, EXP): promoted, or every reason why not.$$;

create or replace function api.promote_rank(
    p_profile text
)
returns table (
    rank_no      bigint,
    backtest_id  uuid,
    strategy_id  text,
    score        numeric,
    max_drawdown numeric,
    stress_cagr  numeric,
    stability    numeric,
    promotion_id uuid
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.rank_no, (f.promotion).backtest_id, (f.promotion).strategy_id, (f.promotion).score,
           ((f.promotion).measures ->> 'max_drawdown')::numeric,
           ((f.promotion).measures ->> 'stress_cagr')::numeric,
           ((f.promotion).measures ->> 'walk_forward_positive')::numeric, (f.promotion).promotion_id
      from lab.list_promotions(p_profile) as f
     order by f.rank_no;
$function$;

comment on function api.promote_rank(text) is
$$The backtests that a profile promoted, the best first.$$;

create or replace function api.promote_gates(
    p_profile text
)
returns table (
    measure   text,
    is_least  boolean,
    threshold numeric
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.measure, f.is_least, f.threshold
      from lab.list_gates(p_profile) as f
     order by f.gate_no;
$function$;

comment on function api.promote_gates(text) is
$$The gates of a profile.$$;

grant usage on schema api to mqk_operator, mqk_approver, mqk_auditor, mqk_readonly, mqk_console, mqk_lab;

grant execute on function api.run_create(text, timestamptz, timestamptz) to mqk_operator;
grant execute on function api.run_arm(uuid, text, timestamptz) to mqk_operator;
grant execute on function api.run_change_mode(text, text, text, timestamptz) to mqk_operator;
grant execute on function api.run_begin(uuid, timestamptz) to mqk_operator;
grant execute on function api.run_stop(uuid, text, timestamptz) to mqk_operator;
grant execute on function api.run_halt(uuid, text, timestamptz) to mqk_operator;
grant execute on function api.run_flatten(uuid, text, timestamptz) to mqk_operator;
grant execute on function api.risk_restrict(jsonb, text, text, timestamptz, timestamptz) to mqk_operator;
grant execute on function api.risk_clear_day_trader(uuid, text, timestamptz) to mqk_operator;
grant execute on function api.run_clear_halted(uuid, text, timestamptz) to mqk_operator;
grant execute on function api.md_load_calendar(text, text, jsonb, timestamptz) to mqk_operator;
grant execute on function api.md_load_instruments(jsonb, timestamptz) to mqk_operator;
grant execute on function api.md_resolve(
    text, text, text, text, text, timestamptz) to mqk_operator;
grant execute on function api.md_load_actions(text, text, jsonb, timestamptz) to mqk_operator;
grant execute on function api.md_cancel_action(uuid, text, timestamptz) to mqk_operator;
grant execute on function api.md_clear_jump(text, date, text, timestamptz) to mqk_operator;
grant execute on function api.md_keep_raw(text, jsonb, text, bytea, timestamptz) to mqk_operator;
grant execute on function api.md_sync(
    text, jsonb, text, date, date, timestamptz) to mqk_operator;
grant execute on function api.md_ingest(
    text, boolean, jsonb, text, text, text, jsonb, timestamptz) to mqk_operator;
grant execute on function api.md_load_classifications(jsonb, timestamptz) to mqk_operator;
grant execute on function api.md_amend_session(text, date, text, text, text, timestamptz) to mqk_operator;
grant execute on function api.db_assert_no_live() to mqk_operator;
grant execute on function api.run_preflight(uuid, timestamptz) to mqk_operator;
grant execute on function api.run_arm_words(uuid) to mqk_operator;
grant execute on function api.run_find(text) to mqk_operator;
grant execute on function api.status_all(uuid, timestamptz) to mqk_operator;
grant execute on function api.why_all(uuid, timestamptz) to mqk_operator;
grant execute on function api.run_check_health(timestamptz) to mqk_operator;
grant execute on function api.run_list() to mqk_operator;
grant execute on function api.backtest_parity(uuid, uuid) to mqk_operator;
grant execute on function api.backtest_freeze(text, jsonb, date, date, timestamptz) to mqk_operator;
grant execute on function api.backtest_run(uuid, text, timestamptz) to mqk_operator;
grant execute on function api.backtest_list() to mqk_operator;
grant execute on function api.backtest_sweep(uuid, text, jsonb, timestamptz) to mqk_operator;
grant execute on function api.backtest_claim_job(uuid, text, integer, timestamptz) to mqk_operator;
grant execute on function api.backtest_finish_job(uuid, integer, integer, uuid, timestamptz)
   to mqk_operator;
grant execute on function api.backtest_fail_job(uuid, integer, integer, text, timestamptz) to mqk_operator;
grant execute on function api.backtest_sweeps() to mqk_operator;
grant execute on function api.backtest_rank(uuid) to mqk_operator;
grant execute on function api.backtest_proofs() to mqk_operator;
grant execute on function api.backtest_open(uuid, text, text, timestamptz) to mqk_operator;
grant execute on function api.backtest_put_signals(uuid, jsonb, timestamptz) to mqk_operator;
grant execute on function api.backtest_finish(uuid, timestamptz) to mqk_operator;
grant execute on function api.backtest_bars(uuid, integer, text) to mqk_operator;
grant execute on function api.backtest_ticks(uuid) to mqk_operator;
grant execute on function api.backtest_try(uuid, integer, text, jsonb, timestamptz) to mqk_operator;
grant execute on function api.backtest_cuts(uuid, integer, integer) to mqk_operator;
grant execute on function api.backtest_poison(uuid, integer, text, jsonb, timestamptz) to mqk_operator;
grant execute on function api.backtest_prove_lookahead(uuid, integer, integer, timestamptz) to mqk_operator;
grant execute on function api.backtest_show(uuid, uuid) to mqk_operator;
grant execute on function api.backtest_compare(uuid, uuid) to mqk_operator;
grant execute on function api.backtest_studies(uuid) to mqk_operator;
grant execute on function api.promote_rank(text) to mqk_operator;
grant execute on function api.promote_gates(text) to mqk_operator;
grant execute on function api.backtest_stress(uuid, timestamptz) to mqk_operator;
grant execute on function api.backtest_walk_forward(uuid, integer, text, jsonb, timestamptz)
    to mqk_operator;
grant execute on function api.backtest_cross_validate(uuid, integer, integer, text, jsonb, timestamptz)
    to mqk_operator;
grant execute on function api.backtest_monte_carlo(uuid, integer, text, bigint, timestamptz)
    to mqk_operator;
grant execute on function api.backtest_ask(uuid, timestamptz) to mqk_operator;
grant execute on function api.backtest_answer(uuid, text, jsonb, timestamptz) to mqk_operator;
grant execute on function api.backtest_step(uuid, timestamptz) to mqk_operator;
grant execute on function api.promote_parity(uuid, uuid, timestamptz) to mqk_operator;
grant execute on function api.promote_plan(uuid) to mqk_operator;
grant execute on function api.promote_acts(uuid) to mqk_operator;
grant execute on function api.promote_rehearse(uuid, text, jsonb, uuid, jsonb, timestamptz)
    to mqk_operator;
grant execute on function api.promote_judge(uuid, text, text, timestamptz) to mqk_operator;
grant execute on function api.run_show(uuid) to mqk_operator;
grant execute on function api.run_strategies() to mqk_operator;
grant execute on function api.md_calendar(text, date, date, timestamptz) to mqk_operator;
grant execute on function api.md_clock(text, timestamptz) to mqk_operator;
grant execute on function api.md_instruments(text) to mqk_operator;
grant execute on function api.md_findings(uuid) to mqk_operator;
grant execute on function api.md_status(timestamptz) to mqk_operator;
grant execute on function api.md_actions(text, timestamptz) to mqk_operator;
grant execute on function api.md_digest() to mqk_operator;
grant execute on function api.md_feed_marks(text) to mqk_operator;
grant execute on function api.md_defects(uuid, timestamptz) to mqk_operator;
grant execute on function api.md_conflicts(text, timestamptz) to mqk_operator;
grant execute on function api.md_lineage(text, text, text) to mqk_operator;
grant execute on function api.md_raw(text) to mqk_operator;
grant execute on function api.md_ingests(integer) to mqk_operator;
grant execute on function api.md_report(uuid, integer) to mqk_operator;
grant execute on function api.md_sessions(uuid) to mqk_operator;
grant execute on function api.md_quality(text, integer, timestamptz) to mqk_operator;
grant execute on function api.orders_list(uuid) to mqk_operator;
grant execute on function api.explain_all(text) to mqk_operator;
grant execute on function api.orders_fills(uuid) to mqk_operator;
grant execute on function api.orders_cancel(text, text, timestamptz) to mqk_operator;
grant execute on function api.orders_cancel_all(uuid, text, timestamptz) to mqk_operator;
grant execute on function api.position_list(uuid, timestamptz) to mqk_operator;
grant execute on function api.position_trades(uuid) to mqk_operator;
grant execute on function api.position_exposure(uuid, text, timestamptz) to mqk_operator;
grant execute on function api.risk_show(uuid) to mqk_operator;
grant execute on function api.risk_decisions(uuid, integer) to mqk_operator;
grant execute on function api.risk_trips(uuid, integer) to mqk_operator;
grant execute on function api.risk_restrictions(timestamptz) to mqk_operator;
grant execute on function api.recon_list(uuid, integer) to mqk_operator;
grant execute on function api.recon_drifts(uuid) to mqk_operator;
grant execute on function api.recon_refusals(uuid, integer) to mqk_operator;
grant execute on function api.recon_verify(uuid) to mqk_operator;
grant execute on function api.audit_tail(uuid, bigint, integer) to mqk_operator;
grant execute on function api.audit_verify() to mqk_operator;
grant execute on function api.audit_anchors(text, bigint, integer) to mqk_operator;
grant execute on function api.audit_compare(text, jsonb, boolean) to mqk_operator;
grant execute on function api.audit_chains(text, uuid) to mqk_operator;
grant execute on function api.audit_events(uuid, bigint, integer) to mqk_operator;
grant execute on function api.audit_anchor(text, timestamptz) to mqk_operator;
grant execute on function api.audit_actions(integer) to mqk_operator;
grant execute on function api.notices_list(text, integer) to mqk_operator;
grant execute on function api.notices_rules() to mqk_operator;
grant execute on function api.report_show(uuid, timestamptz) to mqk_operator;
grant execute on function api.verify_all() to mqk_operator;
grant execute on function api.replay_all(uuid, timestamptz) to mqk_operator;
grant execute on function api.replay_rows(uuid, text, timestamptz) to mqk_operator;
grant execute on function api.replay_log(uuid) to mqk_operator;
grant execute on function api.db_errors() to mqk_operator;
grant execute on function api.config_check(jsonb) to mqk_operator;
grant execute on function api.config_consumed() to mqk_operator;
grant execute on function api.doctor_all(timestamptz) to mqk_operator;
grant execute on function api.doctor_fingerprints() to mqk_operator;
grant execute on function api.run_scope(text, jsonb, timestamptz) to mqk_operator;
grant execute on function api.token_issue(text, text, text, jsonb, timestamptz, timestamptz)
   to mqk_operator;
grant execute on function api.token_rotate(text, text, text, timestamptz, timestamptz) to mqk_operator;
grant execute on function api.token_revoke(text, text, timestamptz) to mqk_operator;
grant execute on function api.token_list(timestamptz) to mqk_operator;

grant execute on function api.run_approve(uuid, text, timestamptz) to mqk_approver;
grant execute on function api.run_halt(uuid, text, timestamptz) to mqk_approver;
grant execute on function api.run_preflight(uuid, timestamptz) to mqk_approver;
grant execute on function api.run_arm_words(uuid) to mqk_approver;
grant execute on function api.run_find(text) to mqk_approver;
grant execute on function api.status_all(uuid, timestamptz) to mqk_approver;
grant execute on function api.why_all(uuid, timestamptz) to mqk_approver;
grant execute on function api.run_check_health(timestamptz) to mqk_approver;
grant execute on function api.run_list() to mqk_approver;
grant execute on function api.backtest_parity(uuid, uuid) to mqk_approver;
grant execute on function api.backtest_list() to mqk_approver;
grant execute on function api.backtest_sweeps() to mqk_approver;
grant execute on function api.backtest_rank(uuid) to mqk_approver;
grant execute on function api.backtest_proofs() to mqk_approver;
grant execute on function api.backtest_show(uuid, uuid) to mqk_approver;
grant execute on function api.backtest_compare(uuid, uuid) to mqk_approver;
grant execute on function api.backtest_studies(uuid) to mqk_approver;
grant execute on function api.promote_rank(text) to mqk_approver;
grant execute on function api.promote_gates(text) to mqk_approver;
grant execute on function api.run_show(uuid) to mqk_approver;
grant execute on function api.run_strategies() to mqk_approver;
grant execute on function api.md_calendar(text, date, date, timestamptz) to mqk_approver;
grant execute on function api.md_clock(text, timestamptz) to mqk_approver;
grant execute on function api.md_instruments(text) to mqk_approver;
grant execute on function api.md_findings(uuid) to mqk_approver;
grant execute on function api.md_status(timestamptz) to mqk_approver;
grant execute on function api.md_actions(text, timestamptz) to mqk_approver;
grant execute on function api.md_digest() to mqk_approver;
grant execute on function api.md_feed_marks(text) to mqk_approver;
grant execute on function api.md_defects(uuid, timestamptz) to mqk_approver;
grant execute on function api.md_conflicts(text, timestamptz) to mqk_approver;
grant execute on function api.md_lineage(text, text, text) to mqk_approver;
grant execute on function api.md_raw(text) to mqk_approver;
grant execute on function api.md_ingests(integer) to mqk_approver;
grant execute on function api.md_report(uuid, integer) to mqk_approver;
grant execute on function api.md_sessions(uuid) to mqk_approver;
grant execute on function api.md_quality(text, integer, timestamptz) to mqk_approver;
grant execute on function api.orders_list(uuid) to mqk_approver;
grant execute on function api.explain_all(text) to mqk_approver;
grant execute on function api.orders_fills(uuid) to mqk_approver;
grant execute on function api.position_list(uuid, timestamptz) to mqk_approver;
grant execute on function api.position_trades(uuid) to mqk_approver;
grant execute on function api.position_exposure(uuid, text, timestamptz) to mqk_approver;
grant execute on function api.risk_show(uuid) to mqk_approver;
grant execute on function api.risk_decisions(uuid, integer) to mqk_approver;
grant execute on function api.risk_trips(uuid, integer) to mqk_approver;
grant execute on function api.risk_restrictions(timestamptz) to mqk_approver;
grant execute on function api.recon_list(uuid, integer) to mqk_approver;
grant execute on function api.recon_drifts(uuid) to mqk_approver;
grant execute on function api.recon_refusals(uuid, integer) to mqk_approver;
grant execute on function api.recon_verify(uuid) to mqk_approver;
grant execute on function api.audit_tail(uuid, bigint, integer) to mqk_approver;
grant execute on function api.audit_verify() to mqk_approver;
grant execute on function api.audit_anchors(text, bigint, integer) to mqk_approver;
grant execute on function api.audit_compare(text, jsonb, boolean) to mqk_approver;
grant execute on function api.audit_chains(text, uuid) to mqk_approver;
grant execute on function api.audit_events(uuid, bigint, integer) to mqk_approver;
grant execute on function api.audit_anchor(text, timestamptz) to mqk_approver;
grant execute on function api.audit_actions(integer) to mqk_approver;
grant execute on function api.notices_list(text, integer) to mqk_approver;
grant execute on function api.notices_rules() to mqk_approver;
grant execute on function api.report_show(uuid, timestamptz) to mqk_approver;
grant execute on function api.verify_all() to mqk_approver;
grant execute on function api.replay_all(uuid, timestamptz) to mqk_approver;
grant execute on function api.replay_rows(uuid, text, timestamptz) to mqk_approver;
grant execute on function api.replay_log(uuid) to mqk_approver;
grant execute on function api.db_errors() to mqk_approver;
grant execute on function api.config_check(jsonb) to mqk_approver;
grant execute on function api.config_consumed() to mqk_approver;
grant execute on function api.doctor_all(timestamptz) to mqk_approver;
grant execute on function api.doctor_fingerprints() to mqk_approver;
grant execute on function api.token_issue(text, text, text, jsonb, timestamptz, timestamptz)
   to mqk_approver;
grant execute on function api.token_rotate(text, text, text, timestamptz, timestamptz) to mqk_approver;
grant execute on function api.token_revoke(text, text, timestamptz) to mqk_approver;
grant execute on function api.token_list(timestamptz) to mqk_approver;

grant execute on function api.run_halt(uuid, text, timestamptz) to mqk_auditor;
grant execute on function api.run_preflight(uuid, timestamptz) to mqk_auditor;
grant execute on function api.run_arm_words(uuid) to mqk_auditor;
grant execute on function api.run_find(text) to mqk_auditor;
grant execute on function api.status_all(uuid, timestamptz) to mqk_auditor;
grant execute on function api.why_all(uuid, timestamptz) to mqk_auditor;
grant execute on function api.run_check_health(timestamptz) to mqk_auditor;
grant execute on function api.run_list() to mqk_auditor;
grant execute on function api.backtest_parity(uuid, uuid) to mqk_auditor;
grant execute on function api.backtest_list() to mqk_auditor;
grant execute on function api.backtest_sweeps() to mqk_auditor;
grant execute on function api.backtest_rank(uuid) to mqk_auditor;
grant execute on function api.backtest_proofs() to mqk_auditor;
grant execute on function api.backtest_show(uuid, uuid) to mqk_auditor;
grant execute on function api.backtest_compare(uuid, uuid) to mqk_auditor;
grant execute on function api.backtest_studies(uuid) to mqk_auditor;
grant execute on function api.promote_rank(text) to mqk_auditor;
grant execute on function api.promote_gates(text) to mqk_auditor;
grant execute on function api.run_show(uuid) to mqk_auditor;
grant execute on function api.run_strategies() to mqk_auditor;
grant execute on function api.md_calendar(text, date, date, timestamptz) to mqk_auditor;
grant execute on function api.md_clock(text, timestamptz) to mqk_auditor;
grant execute on function api.md_instruments(text) to mqk_auditor;
grant execute on function api.md_findings(uuid) to mqk_auditor;
grant execute on function api.md_status(timestamptz) to mqk_auditor;
grant execute on function api.md_actions(text, timestamptz) to mqk_auditor;
grant execute on function api.md_digest() to mqk_auditor;
grant execute on function api.md_feed_marks(text) to mqk_auditor;
grant execute on function api.md_defects(uuid, timestamptz) to mqk_auditor;
grant execute on function api.md_conflicts(text, timestamptz) to mqk_auditor;
grant execute on function api.md_lineage(text, text, text) to mqk_auditor;
grant execute on function api.md_raw(text) to mqk_auditor;
grant execute on function api.md_ingests(integer) to mqk_auditor;
grant execute on function api.md_report(uuid, integer) to mqk_auditor;
grant execute on function api.md_sessions(uuid) to mqk_auditor;
grant execute on function api.md_quality(text, integer, timestamptz) to mqk_auditor;
grant execute on function api.orders_list(uuid) to mqk_auditor;
grant execute on function api.explain_all(text) to mqk_auditor;
grant execute on function api.orders_fills(uuid) to mqk_auditor;
grant execute on function api.position_list(uuid, timestamptz) to mqk_auditor;
grant execute on function api.position_trades(uuid) to mqk_auditor;
grant execute on function api.position_exposure(uuid, text, timestamptz) to mqk_auditor;
grant execute on function api.risk_show(uuid) to mqk_auditor;
grant execute on function api.risk_decisions(uuid, integer) to mqk_auditor;
grant execute on function api.risk_trips(uuid, integer) to mqk_auditor;
grant execute on function api.risk_restrictions(timestamptz) to mqk_auditor;
grant execute on function api.recon_list(uuid, integer) to mqk_auditor;
grant execute on function api.recon_drifts(uuid) to mqk_auditor;
grant execute on function api.recon_refusals(uuid, integer) to mqk_auditor;
grant execute on function api.recon_verify(uuid) to mqk_auditor;
grant execute on function api.audit_tail(uuid, bigint, integer) to mqk_auditor;
grant execute on function api.audit_verify() to mqk_auditor;
grant execute on function api.audit_anchors(text, bigint, integer) to mqk_auditor;
grant execute on function api.audit_compare(text, jsonb, boolean) to mqk_auditor;
grant execute on function api.audit_chains(text, uuid) to mqk_auditor;
grant execute on function api.audit_events(uuid, bigint, integer) to mqk_auditor;
grant execute on function api.audit_anchor(text, timestamptz) to mqk_auditor;
grant execute on function api.audit_actions(integer) to mqk_auditor;
grant execute on function api.notices_list(text, integer) to mqk_auditor;
grant execute on function api.notices_rules() to mqk_auditor;
grant execute on function api.report_show(uuid, timestamptz) to mqk_auditor;
grant execute on function api.verify_all() to mqk_auditor;
grant execute on function api.replay_all(uuid, timestamptz) to mqk_auditor;
grant execute on function api.replay_rows(uuid, text, timestamptz) to mqk_auditor;
grant execute on function api.replay_log(uuid) to mqk_auditor;
grant execute on function api.db_errors() to mqk_auditor;
grant execute on function api.config_check(jsonb) to mqk_auditor;
grant execute on function api.config_consumed() to mqk_auditor;
grant execute on function api.doctor_all(timestamptz) to mqk_auditor;
grant execute on function api.doctor_fingerprints() to mqk_auditor;
grant execute on function api.token_issue(text, text, text, jsonb, timestamptz, timestamptz)
   to mqk_auditor;
grant execute on function api.token_rotate(text, text, text, timestamptz, timestamptz) to mqk_auditor;
grant execute on function api.token_revoke(text, text, timestamptz) to mqk_auditor;
grant execute on function api.token_list(timestamptz) to mqk_auditor;

grant execute on function api.run_preflight(uuid, timestamptz) to mqk_readonly;
grant execute on function api.run_arm_words(uuid) to mqk_readonly;
grant execute on function api.run_find(text) to mqk_readonly;
grant execute on function api.status_all(uuid, timestamptz) to mqk_readonly;
grant execute on function api.why_all(uuid, timestamptz) to mqk_readonly;
grant execute on function api.run_check_health(timestamptz) to mqk_readonly;
grant execute on function api.run_list() to mqk_readonly;
grant execute on function api.backtest_parity(uuid, uuid) to mqk_readonly;
grant execute on function api.backtest_list() to mqk_readonly;
grant execute on function api.backtest_sweeps() to mqk_readonly;
grant execute on function api.backtest_rank(uuid) to mqk_readonly;
grant execute on function api.backtest_proofs() to mqk_readonly;
grant execute on function api.backtest_show(uuid, uuid) to mqk_readonly;
grant execute on function api.backtest_compare(uuid, uuid) to mqk_readonly;
grant execute on function api.backtest_studies(uuid) to mqk_readonly;
grant execute on function api.promote_rank(text) to mqk_readonly;
grant execute on function api.promote_gates(text) to mqk_readonly;
grant execute on function api.run_show(uuid) to mqk_readonly;
grant execute on function api.run_strategies() to mqk_readonly;
grant execute on function api.md_calendar(text, date, date, timestamptz) to mqk_readonly;
grant execute on function api.md_clock(text, timestamptz) to mqk_readonly;
grant execute on function api.md_instruments(text) to mqk_readonly;
grant execute on function api.md_findings(uuid) to mqk_readonly;
grant execute on function api.md_status(timestamptz) to mqk_readonly;
grant execute on function api.md_actions(text, timestamptz) to mqk_readonly;
grant execute on function api.md_digest() to mqk_readonly;
grant execute on function api.md_feed_marks(text) to mqk_readonly;
grant execute on function api.md_defects(uuid, timestamptz) to mqk_readonly;
grant execute on function api.md_conflicts(text, timestamptz) to mqk_readonly;
grant execute on function api.md_lineage(text, text, text) to mqk_readonly;
grant execute on function api.md_raw(text) to mqk_readonly;
grant execute on function api.md_ingests(integer) to mqk_readonly;
grant execute on function api.md_report(uuid, integer) to mqk_readonly;
grant execute on function api.md_sessions(uuid) to mqk_readonly;
grant execute on function api.md_quality(text, integer, timestamptz) to mqk_readonly;
grant execute on function api.orders_list(uuid) to mqk_readonly;
grant execute on function api.explain_all(text) to mqk_readonly;
grant execute on function api.orders_fills(uuid) to mqk_readonly;
grant execute on function api.position_list(uuid, timestamptz) to mqk_readonly;
grant execute on function api.position_trades(uuid) to mqk_readonly;
grant execute on function api.position_exposure(uuid, text, timestamptz) to mqk_readonly;
grant execute on function api.risk_show(uuid) to mqk_readonly;
grant execute on function api.risk_decisions(uuid, integer) to mqk_readonly;
grant execute on function api.risk_trips(uuid, integer) to mqk_readonly;
grant execute on function api.risk_restrictions(timestamptz) to mqk_readonly;
grant execute on function api.recon_list(uuid, integer) to mqk_readonly;
grant execute on function api.recon_drifts(uuid) to mqk_readonly;
grant execute on function api.recon_refusals(uuid, integer) to mqk_readonly;
grant execute on function api.recon_verify(uuid) to mqk_readonly;
grant execute on function api.audit_tail(uuid, bigint, integer) to mqk_readonly;
grant execute on function api.audit_verify() to mqk_readonly;
grant execute on function api.audit_anchors(text, bigint, integer) to mqk_readonly;
grant execute on function api.audit_compare(text, jsonb, boolean) to mqk_readonly;
grant execute on function api.audit_chains(text, uuid) to mqk_readonly;
grant execute on function api.audit_events(uuid, bigint, integer) to mqk_readonly;
grant execute on function api.audit_actions(integer) to mqk_readonly;
grant execute on function api.notices_list(text, integer) to mqk_readonly;
grant execute on function api.notices_rules() to mqk_readonly;
grant execute on function api.report_show(uuid, timestamptz) to mqk_readonly;
grant execute on function api.verify_all() to mqk_readonly;
grant execute on function api.replay_all(uuid, timestamptz) to mqk_readonly;
grant execute on function api.replay_rows(uuid, text, timestamptz) to mqk_readonly;
grant execute on function api.replay_log(uuid) to mqk_readonly;
grant execute on function api.db_errors() to mqk_readonly;
grant execute on function api.config_check(jsonb) to mqk_readonly;
grant execute on function api.config_consumed() to mqk_readonly;
grant execute on function api.doctor_all(timestamptz) to mqk_readonly;
grant execute on function api.doctor_fingerprints() to mqk_readonly;

grant execute on function api.run_preflight(uuid, timestamptz) to mqk_console;
grant execute on function api.run_arm_words(uuid) to mqk_console;
grant execute on function api.run_find(text) to mqk_console;
grant execute on function api.status_all(uuid, timestamptz) to mqk_console;
grant execute on function api.why_all(uuid, timestamptz) to mqk_console;
grant execute on function api.run_check_health(timestamptz) to mqk_console;
grant execute on function api.run_list() to mqk_console;
grant execute on function api.backtest_parity(uuid, uuid) to mqk_console;
grant execute on function api.backtest_list() to mqk_console;
grant execute on function api.backtest_sweeps() to mqk_console;
grant execute on function api.backtest_rank(uuid) to mqk_console;
grant execute on function api.backtest_proofs() to mqk_console;
grant execute on function api.backtest_show(uuid, uuid) to mqk_console;
grant execute on function api.backtest_compare(uuid, uuid) to mqk_console;
grant execute on function api.backtest_studies(uuid) to mqk_console;
grant execute on function api.promote_rank(text) to mqk_console;
grant execute on function api.promote_gates(text) to mqk_console;
grant execute on function api.run_show(uuid) to mqk_console;
grant execute on function api.run_strategies() to mqk_console;
grant execute on function api.md_calendar(text, date, date, timestamptz) to mqk_console;
grant execute on function api.md_clock(text, timestamptz) to mqk_console;
grant execute on function api.md_instruments(text) to mqk_console;
grant execute on function api.md_findings(uuid) to mqk_console;
grant execute on function api.md_status(timestamptz) to mqk_console;
grant execute on function api.md_actions(text, timestamptz) to mqk_console;
grant execute on function api.md_digest() to mqk_console;
grant execute on function api.md_feed_marks(text) to mqk_console;
grant execute on function api.md_defects(uuid, timestamptz) to mqk_console;
grant execute on function api.md_conflicts(text, timestamptz) to mqk_console;
grant execute on function api.md_lineage(text, text, text) to mqk_console;
grant execute on function api.md_raw(text) to mqk_console;
grant execute on function api.md_ingests(integer) to mqk_console;
grant execute on function api.md_report(uuid, integer) to mqk_console;
grant execute on function api.md_sessions(uuid) to mqk_console;
grant execute on function api.md_quality(text, integer, timestamptz) to mqk_console;
grant execute on function api.orders_list(uuid) to mqk_console;
grant execute on function api.explain_all(text) to mqk_console;
grant execute on function api.orders_fills(uuid) to mqk_console;
grant execute on function api.position_list(uuid, timestamptz) to mqk_console;
grant execute on function api.position_trades(uuid) to mqk_console;
grant execute on function api.position_exposure(uuid, text, timestamptz) to mqk_console;
grant execute on function api.risk_show(uuid) to mqk_console;
grant execute on function api.risk_decisions(uuid, integer) to mqk_console;
grant execute on function api.risk_trips(uuid, integer) to mqk_console;
grant execute on function api.risk_restrictions(timestamptz) to mqk_console;
grant execute on function api.recon_list(uuid, integer) to mqk_console;
grant execute on function api.recon_drifts(uuid) to mqk_console;
grant execute on function api.recon_refusals(uuid, integer) to mqk_console;
grant execute on function api.recon_verify(uuid) to mqk_console;
grant execute on function api.audit_tail(uuid, bigint, integer) to mqk_console;
grant execute on function api.audit_verify() to mqk_console;
grant execute on function api.audit_anchors(text, bigint, integer) to mqk_console;
grant execute on function api.audit_compare(text, jsonb, boolean) to mqk_console;
grant execute on function api.audit_chains(text, uuid) to mqk_console;
grant execute on function api.audit_events(uuid, bigint, integer) to mqk_console;
grant execute on function api.audit_actions(integer) to mqk_console;
grant execute on function api.notices_list(text, integer) to mqk_console;
grant execute on function api.notices_rules() to mqk_console;
grant execute on function api.report_show(uuid, timestamptz) to mqk_console;
grant execute on function api.verify_all() to mqk_console;
grant execute on function api.replay_all(uuid, timestamptz) to mqk_console;
grant execute on function api.replay_rows(uuid, text, timestamptz) to mqk_console;
grant execute on function api.replay_log(uuid) to mqk_console;
grant execute on function api.db_errors() to mqk_console;
grant execute on function api.config_check(jsonb) to mqk_console;
grant execute on function api.config_consumed() to mqk_console;
grant execute on function api.doctor_all(timestamptz) to mqk_console;
grant execute on function api.doctor_fingerprints() to mqk_console;
grant execute on function api.token_list(timestamptz) to mqk_console;
grant execute on function api.as_token(text, text, text, jsonb, timestamptz) to mqk_console;

grant execute on function api.backtest_open(uuid, text, text, timestamptz) to mqk_lab;
grant execute on function api.backtest_put_signals(uuid, jsonb, timestamptz) to mqk_lab;
grant execute on function api.backtest_bars(uuid, integer, text) to mqk_lab;
grant execute on function api.backtest_ticks(uuid) to mqk_lab;
grant execute on function api.backtest_try(uuid, integer, text, jsonb, timestamptz) to mqk_lab;
grant execute on function api.backtest_claim_job(uuid, text, integer, timestamptz) to mqk_lab;
grant execute on function api.backtest_finish_job(uuid, integer, integer, uuid, timestamptz) to mqk_lab;
grant execute on function api.backtest_fail_job(uuid, integer, integer, text, timestamptz) to mqk_lab;
grant execute on function api.backtest_sweeps() to mqk_lab;

commit;
