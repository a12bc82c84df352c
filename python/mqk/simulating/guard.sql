-- Refuses any database but one of a simulation.
do $guard$
begin
    if current_database() !~ '^mqk_simulate_' then
        raise exception using errcode = 'MQG91', message = 'a simulation has a database of its own',
            detail = current_database();
    end if;
end;
$guard$;
