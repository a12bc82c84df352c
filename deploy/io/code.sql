-- Deploy mqk:io/code to pg
-- built from sql/io by `make code`: edit there

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

create or replace function io.keep_raw(
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

comment on function io.keep_raw(text, jsonb, text, bytea, timestamptz) is
$$Service door to md.keep_raw.$$;

create or replace function io.ingest_bars(
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

comment on function io.ingest_bars(text, boolean, jsonb, text, text, text, jsonb, timestamptz) is
$$Service door to md.ingest_bars.$$;

create or replace function io.take_feed_wants(
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
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select w.symbol, w.timeframe, w.from_on, w.until_on
      from md.take_feed_wants(p_run_id, p_feed, p_is_metered, p_now_at) as w
     order by w.symbol collate "C";
$function$;

comment on function io.take_feed_wants(uuid, text, boolean, timestamptz) is
$$Service door to md.take_feed_wants.$$;

create or replace function io.list_new_bars(
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
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.* from md.list_new_bars(p_run_id, p_after_at, p_now_at) as f;
$function$;

comment on function io.list_new_bars(uuid, timestamptz, timestamptz) is
$$Service door to md.list_new_bars.$$;

create or replace function io.apply_actions(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    symbol      text,
    action_kind text,
    terms       text,
    held_qty    bigint,
    now_qty     bigint
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.action_kind, f.terms, f.held_qty, f.now_qty
      from oms.apply_actions(p_run_id, p_now_at) as f;
$function$;

comment on function io.apply_actions(uuid, timestamptz) is
$$Service door to oms.apply_actions.$$;

create or replace function io.list_paper_actions(
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
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.action_id, f.symbol, f.action_kind, f.effective_at, f.ratio_num, f.ratio_den,
           f.amount_micros, f.pay_at
      from md.list_effective_actions(p_run_id, p_now_at) as f;
$function$;

comment on function io.list_paper_actions(uuid, timestamptz) is
$$Service door to md.list_effective_actions: what a paper market is told.$$;

create or replace function io.evaluate_integrity(
    p_run_id uuid,
    p_now_at timestamptz
)
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select md.evaluate_integrity(p_run_id, p_now_at);
$function$;

comment on function io.evaluate_integrity(uuid, timestamptz) is
$$Service door to md.evaluate_integrity.$$;

create or replace function io.evaluate_risk(
    p_run_id uuid,
    p_now_at timestamptz
)
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select risk.evaluate(p_run_id, p_now_at);
$function$;

comment on function io.evaluate_risk(uuid, timestamptz) is
$$Service door to risk.evaluate: marks the run to market and sets gate RISK.$$;

create or replace function io.register_strategy(
    p_strategy_id text,
    p_version     text,
    p_now_at      timestamptz
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select strat.register_strategy(p_strategy_id, 'PYTHON', p_version, p_now_at);
$function$;

comment on function io.register_strategy(text, text, timestamptz) is
$$Registers a Python strategy that this strategist carries.$$;

create or replace function io.get_strategy_context(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    strategy_id   text,
    strategy_kind text,
    bar_end_at    timestamptz,
    context       jsonb
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.strategy_id, f.strategy_kind, f.bar_end_at, f.context
      from strat.get_context(p_run_id, p_now_at) as f;
$function$;

comment on function io.get_strategy_context(uuid, timestamptz) is
$$Service door to strat.get_context.$$;

create or replace function io.plan_intents(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_targets     jsonb,
    p_now_at      timestamptz
)
returns table (
    symbol          text,
    target_qty      bigint,
    order_qty       bigint,
    verdict         text,
    rule            text,
    client_order_id text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.target_qty, f.order_qty, f.verdict, f.rule, f.client_order_id
      from oms.plan_intents(
           run.assert_lease(p_run_id, 'strategist', p_lease_epoch, p_now_at),
           p_targets, p_now_at) as f;
$function$;

comment on function io.plan_intents(uuid, bigint, jsonb, timestamptz) is
$$Service door to oms.plan_intents for the strategist that leads.
Raises: MQG08 p_lease_epoch does not lead.$$;

create or replace function io.plan_stops(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_now_at      timestamptz
)
returns table (
    symbol text,
    done   text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.done
      from oms.plan_stops(
           run.assert_lease(p_run_id, 'strategist', p_lease_epoch, p_now_at), p_now_at) as f;
$function$;

comment on function io.plan_stops(uuid, bigint, timestamptz) is
$$Service door to oms.plan_stops for the strategist that leads.
Raises: MQG08 p_lease_epoch does not lead.$$;

create or replace function io.plan_flatten(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_now_at      timestamptz
)
returns table (
    symbol text,
    done   text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.done
      from oms.plan_flatten(
           run.assert_lease(p_run_id, 'gateway', p_lease_epoch, p_now_at), p_now_at) as f;
$function$;

comment on function io.plan_flatten(uuid, bigint, timestamptz) is
$$Service door to oms.plan_flatten for the gateway that leads.
Raises: MQG08 p_lease_epoch does not lead.$$;

create or replace function io.claim_outbox(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_worker_name text,
    p_limit       integer,
    p_now_at      timestamptz
)
returns table (
    outbox_id bigint
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outbox_id
      from oms.claim_outbox(
           run.assert_lease(p_run_id, 'gateway', p_lease_epoch, p_now_at),
           p_worker_name, p_limit, p_now_at) as f
     order by f.outbox_id;
$function$;

comment on function io.claim_outbox(uuid, bigint, text, integer, timestamptz) is
$$Service door to oms.claim_outbox for the gateway that leads, in outbox_id order.
Raises: MQG08 p_lease_epoch does not lead.$$;

create or replace function io.count_claimable(
    p_run_id uuid,
    p_now_at timestamptz
)
returns bigint
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select oms.count_claimable(p_run_id, p_now_at);
$function$;

comment on function io.count_claimable(uuid, timestamptz) is
$$Service door to oms.count_claimable.$$;

create or replace function io.begin_dispatch(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_outbox_id   bigint,
    p_worker_name text,
    p_now_at      timestamptz
)
returns table (
    is_granted boolean,
    attempt_no integer,
    reason     text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.is_granted, f.attempt_no, f.reason
      from oms.begin_dispatch(
           run.renew_lease(p_run_id, 'gateway', p_lease_epoch, p_now_at),
           p_outbox_id, p_worker_name, p_now_at) as f;
$function$;

comment on function io.begin_dispatch(uuid, bigint, bigint, text, timestamptz) is
$$Service door to oms.begin_dispatch for the gateway that leads, whose lease it renews in time.
Raises: MQG08 p_lease_epoch does not lead.$$;

create or replace function io.get_permit(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_outbox_id   bigint,
    p_attempt_no  integer,
    p_now_at      timestamptz
)
returns table (
    request_kind       text,
    client_order_id    text,
    broker_order_id    text,
    account_id         text,
    symbol             text,
    order_qty          bigint,
    order_type         text,
    limit_price_micros bigint,
    stop_price_micros  bigint,
    time_in_force      text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.request_kind, f.client_order_id, f.broker_order_id, f.account_id, f.symbol,
           f.order_qty, f.order_type, f.limit_price_micros, f.stop_price_micros,
           f.time_in_force
      from oms.get_permit(
           run.assert_lease(p_run_id, 'gateway', p_lease_epoch, p_now_at),
           p_outbox_id, p_attempt_no, p_now_at) as f;
$function$;

comment on function io.get_permit(uuid, bigint, bigint, integer, timestamptz) is
$$Service door to oms.get_permit for the gateway that leads.
Raises: MQG08 p_lease_epoch does not lead.$$;

create or replace function io.mark_sent(
    p_run_id          uuid,
    p_lease_epoch     bigint,
    p_outbox_id       bigint,
    p_broker_order_id text,
    p_now_at          timestamptz
)
returns boolean
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select oms.mark_sent(
           run.assert_lease(p_run_id, 'gateway', p_lease_epoch, p_now_at),
           p_outbox_id, p_broker_order_id, p_now_at);
$function$;

comment on function io.mark_sent(uuid, bigint, bigint, text, timestamptz) is
$$Service door to oms.mark_sent for the gateway that leads.
Raises: MQG08 p_lease_epoch does not lead.$$;

create or replace function io.mark_failed(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_outbox_id   bigint,
    p_reason      text,
    p_now_at      timestamptz
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select oms.mark_failed(
           run.assert_lease(p_run_id, 'gateway', p_lease_epoch, p_now_at),
           p_outbox_id, p_reason, p_now_at);
$function$;

comment on function io.mark_failed(uuid, bigint, bigint, text, timestamptz) is
$$Service door to oms.mark_failed for the gateway that leads.
Raises: MQG08 p_lease_epoch does not lead.$$;

create or replace function io.mark_ambiguous(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_outbox_id   bigint,
    p_reason      text,
    p_now_at      timestamptz
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select oms.mark_ambiguous(
           run.assert_lease(p_run_id, 'gateway', p_lease_epoch, p_now_at),
           p_outbox_id, p_reason, p_now_at);
$function$;

comment on function io.mark_ambiguous(uuid, bigint, bigint, text, timestamptz) is
$$Service door to oms.mark_ambiguous for the gateway that leads.
Raises: MQG08 p_lease_epoch does not lead.$$;

create or replace function io.mark_not_sent(
    p_run_id        uuid,
    p_lease_epoch   bigint,
    p_outbox_id     bigint,
    p_attempt_no    integer,
    p_reason        text,
    p_not_before_at timestamptz,
    p_now_at        timestamptz
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select oms.mark_not_sent(
           run.assert_lease(p_run_id, 'gateway', p_lease_epoch, p_now_at),
           p_outbox_id, p_attempt_no, p_reason, p_not_before_at, p_now_at);
$function$;

comment on function io.mark_not_sent(
    uuid, bigint, bigint, integer, text, timestamptz, timestamptz) is
$$Service door to oms.mark_not_sent for the gateway that leads.
Raises: MQG08 p_lease_epoch does not lead.$$;

create or replace function io.list_unresolved(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_worker_name text,
    p_now_at      timestamptz
)
returns table (
    outbox_id       bigint,
    attempt_no      integer,
    client_order_id text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outbox_id, f.attempt_no, f.client_order_id
      from oms.list_unresolved(
           run.assert_lease(p_run_id, 'gateway', p_lease_epoch, p_now_at),
           p_worker_name, p_now_at) as f
     order by f.outbox_id;
$function$;

comment on function io.list_unresolved(uuid, bigint, text, timestamptz) is
$$Service door to oms.list_unresolved for the gateway that leads, in outbox_id order.
Raises: MQG08 p_lease_epoch does not lead.$$;

create or replace function io.record_absence(
    p_run_id        uuid,
    p_lease_epoch   bigint,
    p_outbox_id     bigint,
    p_attempt_no    integer,
    p_broker_orders jsonb,
    p_now_at        timestamptz
)
returns integer
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select oms.record_absence(
           run.assert_lease(p_run_id, 'gateway', p_lease_epoch, p_now_at),
           p_outbox_id, p_attempt_no, p_broker_orders, p_now_at);
$function$;

comment on function io.record_absence(uuid, bigint, bigint, integer, jsonb, timestamptz) is
$$Service door to oms.record_absence for the gateway that leads.
Raises: MQG08 p_lease_epoch does not lead.$$;

create or replace function io.receive_messages(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_messages    jsonb,
    p_cursor_text text,
    p_now_at      timestamptz
)
returns table (
    broker_message_id text,
    disposition       text,
    reason            text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.broker_message_id, f.disposition, f.reason
      from oms.receive_messages(
           run.assert_lease(p_run_id, 'broker_events', p_lease_epoch, p_now_at),
           p_messages, p_cursor_text, p_now_at) as f;
$function$;

comment on function io.receive_messages(uuid, bigint, jsonb, text, timestamptz) is
$$Service door to oms.receive_messages for the broker_events that leads.
Raises: MQG08 p_lease_epoch does not lead.$$;

create or replace function io.set_continuity(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_continuity  text,
    p_reason      text,
    p_now_at      timestamptz
)
returns table (
    broker_order_id text,
    gap_qty         bigint
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.broker_order_id, f.gap_qty
      from oms.set_continuity(
           run.assert_lease(p_run_id, 'broker_events', p_lease_epoch, p_now_at),
           p_continuity, p_reason, p_now_at) as f;
$function$;

comment on function io.set_continuity(uuid, bigint, text, text, timestamptz) is
$$Service door to oms.set_continuity for the broker_events that leads.
Raises: MQG08 p_lease_epoch does not lead.$$;

create or replace function io.get_cursor(
    p_run_id uuid
)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select c.cursor_text
      from run.runs as r
      join oms.cursors as c using (account_id)
     where r.run_id = p_run_id;
$function$;

comment on function io.get_cursor(uuid) is
$$How far the broker events of a run's account were read; null = from the beginning.$$;

create or replace function io.submit_snapshot(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_document    jsonb,
    p_now_at      timestamptz
)
returns table (
    verdict text,
    detail  text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.verdict, f.detail
      from recon.submit_snapshot(
           run.assert_lease(p_run_id, 'snapshots', p_lease_epoch, p_now_at),
           p_document, p_now_at) as f;
$function$;

comment on function io.submit_snapshot(uuid, bigint, jsonb, timestamptz) is
$$Service door to recon.submit_snapshot for the snapshots that leads.
Raises: MQG08 p_lease_epoch does not lead.$$;

create or replace function io.acquire_lease(
    p_run_id       uuid,
    p_worker_kind  text,
    p_worker_name  text,
    p_worker_token text,
    p_now_at       timestamptz
)
returns table (
    is_leader   boolean,
    lease_epoch bigint,
    holder      text,
    expires_at  timestamptz
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.is_leader, f.lease_epoch, f.holder, f.expires_at
      from run.acquire_lease(
           p_run_id, p_worker_kind, p_worker_name, p_worker_token, p_now_at) as f;
$function$;

comment on function io.acquire_lease(uuid, text, text, text, timestamptz) is
$$Service door to run.acquire_lease.$$;

create or replace function io.release_lease(
    p_run_id      uuid,
    p_worker_kind text,
    p_lease_epoch bigint,
    p_now_at      timestamptz
)
returns boolean
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select run.release_lease(p_run_id, p_worker_kind, p_lease_epoch, p_now_at);
$function$;

comment on function io.release_lease(uuid, text, bigint, timestamptz) is
$$Service door to run.release_lease.$$;

create or replace function io.register_worker(
    p_run_id       uuid,
    p_worker_kind  text,
    p_worker_name  text,
    p_build        text,
    p_secret_names jsonb,
    p_now_at       timestamptz
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select run.register_worker(
           p_run_id, p_worker_kind, p_worker_name, p_build,
           array(select jsonb_array_elements_text(p_secret_names)), p_now_at);
$function$;

comment on function io.register_worker(uuid, text, text, text, jsonb, timestamptz) is
$$Service door to run.register_worker; p_secret_names is a json array of names.$$;

create or replace function io.record_heartbeat(
    p_run_id           uuid,
    p_lease_epoch      bigint,
    p_worker_kind      text,
    p_worker_name      text,
    p_has_deadman_file boolean,
    p_now_at           timestamptz
)
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select run.record_heartbeat(
           run.assert_lease(p_run_id, p_worker_kind, p_lease_epoch, p_now_at),
           p_worker_kind, p_worker_name, p_has_deadman_file, p_now_at);
$function$;

comment on function io.record_heartbeat(uuid, bigint, text, text, boolean, timestamptz) is
$$Service door to run.record_heartbeat for the worker that leads its kind.
Raises: MQG08 p_lease_epoch does not lead.$$;

create or replace function io.expire_deadmen(
    p_now_at timestamptz
)
returns table (
    run_id uuid,
    gate   text,
    reason text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.run_id, f.gate, f.reason
      from run.expire_deadmen(p_now_at) as f;
$function$;

comment on function io.expire_deadmen(timestamptz) is
$$Service door to run.expire_deadmen.$$;

create or replace function io.halt_run(
    p_run_id uuid,
    p_reason text,
    p_now_at timestamptz
)
returns boolean
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.is_new from run.force_halt(
           p_run_id, 'WORKER', 'worker: ' || p_reason, p_now_at) as f;
$function$;

comment on function io.halt_run(uuid, text, timestamptz) is
$$Any worker may halt its run.$$;

create or replace function io.take_budget(
    p_run_id  uuid,
    p_purpose text,
    p_now_at  timestamptz
)
returns table (
    is_granted boolean,
    retry_at   timestamptz
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select b.is_granted, b.retry_at
      from oms.take_budget(p_run_id, p_purpose, p_now_at) as b;
$function$;

comment on function io.take_budget(uuid, text, timestamptz) is
$$Service door to oms.take_budget.$$;

create or replace function io.report_budget(
    p_run_id    uuid,
    p_remaining integer,
    p_reset_at  timestamptz,
    p_now_at    timestamptz
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select oms.report_budget(p_run_id, p_remaining, p_reset_at, p_now_at);
$function$;

comment on function io.report_budget(uuid, integer, timestamptz, timestamptz) is
$$Service door to oms.report_budget.$$;

create or replace function io.claim_notices(
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
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select c.channel, c.delivery_no, c.severity, c.notices, c.title, c.body
      from pager.claim_notices(p_run_id, p_worker_name, p_now_at) as c;
$function$;

comment on function io.claim_notices(uuid, text, timestamptz) is
$$Service door to pager.claim_notices: at most one message a channel, to be delivered within a minute.$$;

create or replace function io.mark_notices_delivered(
    p_run_id      uuid,
    p_channel     text,
    p_delivery_no bigint,
    p_receipt     text,
    p_rest_ms     integer,
    p_now_at      timestamptz
)
returns boolean
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select pager.end_delivery(
               p_run_id, p_channel, p_delivery_no, 'DELIVERED', p_receipt, p_rest_ms, p_now_at);
$function$;

comment on function io.mark_notices_delivered(uuid, text, bigint, text, integer, timestamptz) is
$$Service door to pager.end_delivery: the message arrived; receipt: what the other side calls it.$$;

create or replace function io.mark_notices_failed(
    p_run_id      uuid,
    p_channel     text,
    p_delivery_no bigint,
    p_reason      text,
    p_rest_ms     integer,
    p_now_at      timestamptz
)
returns boolean
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select pager.end_delivery(
               p_run_id, p_channel, p_delivery_no, 'FAILED', p_reason, p_rest_ms, p_now_at);
$function$;

comment on function io.mark_notices_failed(uuid, text, bigint, text, integer, timestamptz) is
$$Service door to pager.end_delivery: the message did not arrive; its notices go out again later.$$;

create or replace function io.assert_login()
returns void
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select run.assert_login();
$function$;

comment on function io.assert_login() is
$$Service door to run.assert_login: the first thing that a worker asks.
Raises: MQG60.$$;

create or replace function io.get_run(
    p_engine_id text
)
returns table (
    run_id     uuid,
    run_status text,
    mode       text,
    account_id text,
    clock_kind text,
    config     jsonb,
    created_at timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select r.run_id, r.run_status, r.mode, r.account_id, r.clock_kind, c.config, r.created_at
      from run.runs as r
      join run.configs as c using (config_hash)
     where r.engine_id = p_engine_id
     order by (r.run_status in ('ARMED', 'RUNNING')) desc, r.run_seq desc
     limit 1;
$function$;

comment on function io.get_run(text) is
$$The run that an engine's workers serve: the active one, else the latest; no row when there is none.$$;

create or replace function io.list_strategy_ids(
    p_run_id uuid
)
returns table (
    strategy_id   text,
    strategy_kind text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select s.strategy_id, s.strategy_kind
      from strat.assignments as a
      join strat.strategies as s using (strategy_id)
     where a.run_id = p_run_id;
$function$;

comment on function io.list_strategy_ids(uuid) is
$$The strategy of a run.$$;

create or replace function io.paper_open(
    p_account_id text,
    p_terms      jsonb,
    p_now_at     timestamptz
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select sim.open_account(p_account_id, p_terms, p_now_at);
$function$;

comment on function io.paper_open(text, jsonb, timestamptz) is
$$Service door to sim.open_account.$$;

create or replace function io.paper_submit(
    p_account_id         text,
    p_client_order_id    text,
    p_symbol             text,
    p_order_qty          bigint,
    p_order_type         text,
    p_limit_price_micros bigint,
    p_stop_price_micros  bigint,
    p_time_in_force      text,
    p_now_at             timestamptz
)
returns jsonb
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select sim.format_order(sim.submit_order(
               p_account_id, p_client_order_id, p_symbol, p_order_qty, p_order_type,
               p_limit_price_micros, p_stop_price_micros, p_time_in_force, p_now_at));
$function$;

comment on function io.paper_submit(
    text, text, text, bigint, text, bigint, bigint, text, timestamptz) is
$$Service door to sim.submit_order; gives the order as the broker shows it.$$;

create or replace function io.paper_cancel(
    p_account_id      text,
    p_broker_order_id uuid,
    p_now_at          timestamptz
)
returns jsonb
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select sim.format_order(sim.end_order(
               p_account_id, p_broker_order_id, 'CANCELED', 'cancelled by the client', p_now_at));
$function$;

comment on function io.paper_cancel(text, uuid, timestamptz) is
$$Cancels a working paper order.$$;

create or replace function io.paper_replace(
    p_account_id         text,
    p_broker_order_id    uuid,
    p_order_qty          bigint,
    p_limit_price_micros bigint,
    p_stop_price_micros  bigint,
    p_now_at             timestamptz
)
returns jsonb
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select sim.format_order(sim.replace_order(
               p_account_id, p_broker_order_id, p_order_qty, p_limit_price_micros,
               p_stop_price_micros, p_now_at));
$function$;

comment on function io.paper_replace(text, uuid, bigint, bigint, bigint, timestamptz) is
$$Service door to sim.replace_order.$$;

create or replace function io.paper_snapshot(
    p_account_id text,
    p_now_at     timestamptz
)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select sim.get_snapshot(p_account_id, p_now_at);
$function$;

comment on function io.paper_snapshot(text, timestamptz) is
$$Service door to sim.get_snapshot.$$;

create or replace function io.paper_events(
    p_account_id text,
    p_after_no   bigint,
    p_limit      integer
)
returns table (
    event_no bigint,
    message  jsonb
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.event_no, f.message
      from sim.list_events(p_account_id, p_after_no, p_limit) as f
     order by f.event_no;
$function$;

comment on function io.paper_events(text, bigint, integer) is
$$Service door to sim.list_events.$$;

create or replace function io.paper_act(
    p_account_id text,
    p_actions    jsonb,
    p_now_at     timestamptz
)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select sim.announce_actions(p_account_id, p_actions, p_now_at);
$function$;

comment on function io.paper_act(text, jsonb, timestamptz) is
$$Service door to sim.announce_actions.$$;

create or replace function io.paper_observe(
    p_account_id text,
    p_bars       jsonb,
    p_now_at     timestamptz
)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select sim.observe_bars(p_account_id, p_bars, p_now_at);
$function$;

comment on function io.paper_observe(text, jsonb, timestamptz) is
$$Service door to sim.observe_bars.$$;

create or replace function io.claim_anchor(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_file_end    jsonb,
    p_key_id      text,
    p_now_at      timestamptz
)
returns table (
    is_signed boolean,
    anchor    jsonb
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.is_signed, f.anchor
      from run.claim_anchor(
           run.assert_lease(p_run_id, 'anchor', p_lease_epoch, p_now_at),
           p_file_end, p_key_id, p_now_at) as f;
$function$;

comment on function io.claim_anchor(uuid, bigint, jsonb, text, timestamptz) is
$$Service door to run.claim_anchor for the anchor worker that leads.
Raises: MQG08 p_lease_epoch does not lead; MQG66.$$;

create or replace function io.record_anchor(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_anchor      jsonb,
    p_file_name   text,
    p_now_at      timestamptz
)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select run.record_anchor(
           run.assert_lease(p_run_id, 'anchor', p_lease_epoch, p_now_at),
           p_anchor, p_file_name, p_now_at);
$function$;

comment on function io.record_anchor(uuid, bigint, jsonb, text, timestamptz) is
$$Service door to run.record_anchor for the anchor worker that leads.
Raises: MQG08 p_lease_epoch does not lead; MQA66; 23503, 23505, 23514.$$;

grant usage on schema io to mqk_dispatch, mqk_inbox, mqk_recon, mqk_md, mqk_strategy, mqk_notify;

grant execute on function io.assert_login() to mqk_dispatch;
grant execute on function io.get_run(text) to mqk_dispatch;
grant execute on function io.register_worker(uuid, text, text, text, jsonb, timestamptz)
   to mqk_dispatch;
grant execute on function io.acquire_lease(uuid, text, text, text, timestamptz)
   to mqk_dispatch;
grant execute on function io.release_lease(uuid, text, bigint, timestamptz) to mqk_dispatch;
grant execute on function io.count_claimable(uuid, timestamptz) to mqk_dispatch;
grant execute on function io.claim_outbox(uuid, bigint, text, integer, timestamptz) to mqk_dispatch;
grant execute on function io.plan_flatten(uuid, bigint, timestamptz) to mqk_dispatch;
grant execute on function io.begin_dispatch(uuid, bigint, bigint, text, timestamptz) to mqk_dispatch;
grant execute on function io.get_permit(uuid, bigint, bigint, integer, timestamptz) to mqk_dispatch;
grant execute on function io.mark_sent(uuid, bigint, bigint, text, timestamptz) to mqk_dispatch;
grant execute on function io.mark_failed(uuid, bigint, bigint, text, timestamptz) to mqk_dispatch;
grant execute on function io.mark_ambiguous(uuid, bigint, bigint, text, timestamptz) to mqk_dispatch;
grant execute on function io.mark_not_sent(
    uuid, bigint, bigint, integer, text, timestamptz, timestamptz) to mqk_dispatch;
grant execute on function io.list_unresolved(uuid, bigint, text, timestamptz) to mqk_dispatch;
grant execute on function io.record_absence(uuid, bigint, bigint, integer, jsonb, timestamptz)
   to mqk_dispatch;
grant execute on function io.record_heartbeat(uuid, bigint, text, text, boolean, timestamptz)
   to mqk_dispatch;
grant execute on function io.halt_run(uuid, text, timestamptz) to mqk_dispatch;
grant execute on function io.take_budget(uuid, text, timestamptz) to mqk_dispatch;
grant execute on function io.report_budget(uuid, integer, timestamptz, timestamptz) to mqk_dispatch;
grant execute on function io.expire_deadmen(timestamptz) to mqk_dispatch;
grant execute on function io.paper_submit(
    text, text, text, bigint, text, bigint, bigint, text, timestamptz)
   to mqk_dispatch;
grant execute on function io.paper_cancel(text, uuid, timestamptz) to mqk_dispatch;
grant execute on function io.paper_replace(
    text, uuid, bigint, bigint, bigint, timestamptz) to mqk_dispatch;
grant execute on function io.paper_snapshot(text, timestamptz) to mqk_dispatch;

grant execute on function io.assert_login() to mqk_inbox;
grant execute on function io.get_run(text) to mqk_inbox;
grant execute on function io.register_worker(uuid, text, text, text, jsonb, timestamptz)
   to mqk_inbox;
grant execute on function io.acquire_lease(uuid, text, text, text, timestamptz)
   to mqk_inbox;
grant execute on function io.release_lease(uuid, text, bigint, timestamptz) to mqk_inbox;
grant execute on function io.receive_messages(uuid, bigint, jsonb, text, timestamptz) to mqk_inbox;
grant execute on function io.get_cursor(uuid) to mqk_inbox;
grant execute on function io.set_continuity(uuid, bigint, text, text, timestamptz) to mqk_inbox;
grant execute on function io.record_heartbeat(uuid, bigint, text, text, boolean, timestamptz) to mqk_inbox;
grant execute on function io.halt_run(uuid, text, timestamptz) to mqk_inbox;
grant execute on function io.take_budget(uuid, text, timestamptz) to mqk_inbox;
grant execute on function io.report_budget(uuid, integer, timestamptz, timestamptz) to mqk_inbox;
grant execute on function io.expire_deadmen(timestamptz) to mqk_inbox;
grant execute on function io.paper_events(text, bigint, integer) to mqk_inbox;

grant execute on function io.assert_login() to mqk_recon;
grant execute on function io.get_run(text) to mqk_recon;
grant execute on function io.register_worker(uuid, text, text, text, jsonb, timestamptz)
   to mqk_recon;
grant execute on function io.acquire_lease(uuid, text, text, text, timestamptz)
   to mqk_recon;
grant execute on function io.release_lease(uuid, text, bigint, timestamptz) to mqk_recon;
grant execute on function io.submit_snapshot(uuid, bigint, jsonb, timestamptz) to mqk_recon;
grant execute on function io.record_heartbeat(uuid, bigint, text, text, boolean, timestamptz) to mqk_recon;
grant execute on function io.halt_run(uuid, text, timestamptz) to mqk_recon;
grant execute on function io.take_budget(uuid, text, timestamptz) to mqk_recon;
grant execute on function io.report_budget(uuid, integer, timestamptz, timestamptz) to mqk_recon;
grant execute on function io.expire_deadmen(timestamptz) to mqk_recon;
grant execute on function io.paper_snapshot(text, timestamptz) to mqk_recon;
grant execute on function io.paper_open(text, jsonb, timestamptz) to mqk_recon;

grant execute on function io.assert_login() to mqk_md;
grant execute on function io.get_run(text) to mqk_md;
grant execute on function io.register_worker(uuid, text, text, text, jsonb, timestamptz)
   to mqk_md;
grant execute on function io.keep_raw(text, jsonb, text, bytea, timestamptz) to mqk_md;
grant execute on function io.ingest_bars(
    text, boolean, jsonb, text, text, text, jsonb, timestamptz) to mqk_md;
grant execute on function io.take_feed_wants(uuid, text, boolean, timestamptz) to mqk_md;
grant execute on function io.list_new_bars(uuid, timestamptz, timestamptz) to mqk_md;
grant execute on function io.evaluate_integrity(uuid, timestamptz) to mqk_md;
grant execute on function io.evaluate_risk(uuid, timestamptz) to mqk_md;
grant execute on function io.apply_actions(uuid, timestamptz) to mqk_md;
grant execute on function io.list_paper_actions(uuid, timestamptz) to mqk_md;
grant execute on function io.paper_act(text, jsonb, timestamptz) to mqk_md;
grant execute on function io.halt_run(uuid, text, timestamptz) to mqk_md;
grant execute on function io.expire_deadmen(timestamptz) to mqk_md;
grant execute on function io.paper_observe(text, jsonb, timestamptz) to mqk_md;

grant execute on function io.assert_login() to mqk_strategy;
grant execute on function io.get_run(text) to mqk_strategy;
grant execute on function io.register_worker(uuid, text, text, text, jsonb, timestamptz)
   to mqk_strategy;
grant execute on function io.acquire_lease(uuid, text, text, text, timestamptz)
   to mqk_strategy;
grant execute on function io.release_lease(uuid, text, bigint, timestamptz) to mqk_strategy;
grant execute on function io.register_strategy(text, text, timestamptz) to mqk_strategy;
grant execute on function io.list_strategy_ids(uuid) to mqk_strategy;
grant execute on function io.get_strategy_context(uuid, timestamptz) to mqk_strategy;
grant execute on function io.plan_intents(uuid, bigint, jsonb, timestamptz) to mqk_strategy;
grant execute on function io.plan_stops(uuid, bigint, timestamptz) to mqk_strategy;
grant execute on function io.halt_run(uuid, text, timestamptz) to mqk_strategy;
grant execute on function io.expire_deadmen(timestamptz) to mqk_strategy;

grant execute on function io.assert_login() to mqk_notify;
grant execute on function io.get_run(text) to mqk_notify;
grant execute on function io.acquire_lease(uuid, text, text, text, timestamptz) to mqk_notify;
grant execute on function io.release_lease(uuid, text, bigint, timestamptz) to mqk_notify;
grant execute on function io.claim_anchor(uuid, bigint, jsonb, text, timestamptz) to mqk_notify;
grant execute on function io.record_anchor(uuid, bigint, jsonb, text, timestamptz) to mqk_notify;
grant execute on function io.claim_notices(uuid, text, timestamptz) to mqk_notify;
grant execute on function io.mark_notices_delivered(uuid, text, bigint, text, integer, timestamptz)
   to mqk_notify;
grant execute on function io.mark_notices_failed(uuid, text, bigint, text, integer, timestamptz)
   to mqk_notify;
grant execute on function io.halt_run(uuid, text, timestamptz) to mqk_notify;
grant execute on function io.expire_deadmen(timestamptz) to mqk_notify;

commit;
