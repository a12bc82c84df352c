create or replace function recon.parse_captured_at(
    p_document jsonb
)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_at timestamptz;
begin
    v_at := core.parse_time(p_document ->> 'captured_at');
    return case when v_at > timestamptz '1970-01-01 00:00:00+00' then v_at end;
exception
    when datetime_field_overflow then
        return null;
end;
$function$;

comment on function recon.parse_captured_at(jsonb) is
$$When a snapshot was taken; null when it does not say, or says the epoch, before it, or no date.
Why: a zero time is what a program writes that forgot to set one.$$;
