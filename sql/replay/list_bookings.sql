create or replace function replay.list_bookings(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    event_seq  bigint,
    event_name text,
    symbol     text,
    fill       ledger.fills,
    adjustment ledger.adjustments
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select e.event_seq, e.event_name, e.payload ->> 'symbol',
           case when e.event_name ~ '^(FILL|REVERSAL|CORRECTION)_BOOKED$'
                then jsonb_populate_record(null::ledger.fills, e.payload || jsonb_build_object(
                    'run_id', e.chain_id, 'account_id', c.payload ->> 'account_id',
                    'booked_at', e.reported_at)) end,
           case when e.event_name = 'ACTION_APPLIED'
                then jsonb_populate_record(null::ledger.adjustments, e.payload || jsonb_build_object(
                    'run_id', e.chain_id, 'applied_at', e.reported_at)) end
      from audit.events as e
      join audit.events as c on c.chain_id = e.chain_id and c.event_name = 'RUN_CREATED'
     where e.chain_id = p_run_id and e.occurred_at <= p_until_at and e.topic = 'LEDGER'
       and e.event_name in ('FILL_BOOKED', 'REVERSAL_BOOKED', 'CORRECTION_BOOKED', 'ACTION_APPLIED');
$function$;

comment on function replay.list_bookings(uuid, timestamptz) is
$$The fills and corporate actions that a run's diary tells of, as the rows that they made.$$;
